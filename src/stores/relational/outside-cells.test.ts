/** What runs by itself leaves out the organizations of cells that do not answer, and nobody else. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { creation } from '../../chat/channels/testing/channels.ts';
import { onEachDatabase } from './testing/databases.ts';

await onEachDatabase('away cells', (relational) => {
  test('are left out by every question of the sweepers', async () => {
    const { organizations, users, channels, memberships, outbox, notifications } = relational();
    const made: Record<string, string> = {};
    for (const cell of ['near', 'far', 'farther']) {
      const organization = await organizations.create({ slug: `t-${randomUUID()}`, name: cell, cell });
      const organizationId = organization?.id ?? '';
      const [ada, grace] = await Promise.all(
        ['ada', 'grace'].map((handle) =>
          users.provision({ organizationId, subject: handle, handle, name: handle }),
        ),
      );
      const channel = creation({ organizationId, memberIds: [ada?.id ?? ''] });
      await channels.create(channel);
      await memberships.add({
        organizationId,
        channelId: channel.id,
        userIds: [grace?.id ?? ''],
        actorId: ada?.id ?? '',
        role: 'MEMBER',
        checkpoint: 0,
      });
      await notifications.planRecount({ organizationId, channelId: channel.id, seq: 1 });
      made[organizationId] = cell;
    }
    const questions = {
      due: (away?: readonly string[]) => outbox.due(-1_000, 100, away),
      openRecounts: (away?: readonly string[]) => notifications.openRecounts(-1_000, 100, away),
      quiet: (away?: readonly string[]) => notifications.quiet({ fromMs: 60_000, toMs: -1_000 }, 100, away),
      walk: (away?: readonly string[]) => notifications.walk(null, 100, away),
    };
    for (const [name, ask] of Object.entries(questions)) {
      const cells = async (away?: readonly string[]) =>
        (await ask(away)).map(({ organizationId }) => made[organizationId]).sort();
      expect(await cells(), name).toEqual(['far', 'farther', 'near']);
      expect(await cells([]), name).toEqual(['far', 'farther', 'near']);
      expect(await cells(['far', 'nowhere']), name).toEqual(['farther', 'near']);
      expect(await cells(['far', 'farther']), name).toEqual(['near']);
    }
  });
});
