import { isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { decodeId } from '../resolvers/global-id.ts';
import { schema } from './index.ts';

const id = '0195d3a0-0000-7000-8000-000000000001';
const samples: Readonly<Record<string, unknown>> = {
  Message: { channelId: id, row: { seq: 7 } },
};

test('every node answers its id at once, as one that names its type', () => {
  const nodes = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node'),
  );
  expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(['Channel', 'Message', 'User']));
  for (const type of nodes) {
    if (!isObjectType(type)) continue;
    const field = type.getFields().id;
    // biome-ignore lint/suspicious/noExplicitAny: these resolvers look at the value alone
    const answer = field?.resolve?.(samples[type.name] ?? { id }, {}, {}, {} as any);
    expect(answer, type.name).toBeTypeOf('string');
    expect(decodeId(String(answer)).type).toBe(type.name);
  }
});
