/**
 * Writes a synthetic export in the form of Slack's own.
 * By hand: npx node src/import/slack/testing/generate-export.ts --out FOLDER --channels 20 --messages 50000 --seed 1
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { channelsOf, messagesOf, peopleOf, type SyntheticSpec } from './synthetic.ts';

export async function writeExport(folder: string, spec: SyntheticSpec): Promise<void> {
  await mkdir(folder, { recursive: true });
  const people = peopleOf(spec);
  const users = people.map(({ id, handle }) => ({
    id,
    name: handle,
    deleted: false,
    is_bot: false,
    profile: { real_name: handle.replace('.', ' '), email: `${handle}@example.com` },
  }));
  const channels = channelsOf(spec).map(({ id, name }) => ({
    id,
    name,
    created: Date.UTC(2019, 11, 31) / 1000,
    creator: people[0]?.id,
    is_archived: false,
    members: people.map((p) => p.id),
    topic: { value: `All about ${name}` },
    purpose: { value: '' },
  }));
  await writeFile(join(folder, 'users.json'), JSON.stringify(users));
  await writeFile(join(folder, 'channels.json'), JSON.stringify(channels));
  for (const [i, { name }] of channels.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    let day = '';
    let messages: unknown[] = [];
    const flush = async (): Promise<void> => {
      // Backwards on some days: the order within a file is nothing to rely on.
      const written = day.endsWith('5') ? messages.toReversed() : messages;
      if (day !== '') await writeFile(join(folder, name, `${day}.json`), JSON.stringify(written, null, 1));
      messages = [];
    };
    for (const { slack, expected } of messagesOf(spec, i)) {
      const of = new Date(expected.at).toISOString().slice(0, 10);
      if (of !== day) await flush();
      day = of;
      messages.push(slack);
    }
    await flush();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      channels: { type: 'string', default: '20' },
      messages: { type: 'string', default: '50000' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (values.out === undefined) throw new Error('--out FOLDER is missing');
  await writeExport(values.out, {
    channels: Number(values.channels),
    messages: Number(values.messages),
    seed: Number(values.seed),
  });
}
