import { expect, test, vi } from 'vitest';
import { silentLogger } from '../logger.ts';
import { startNotificationSweeper } from './sweeper.ts';

test('asks for nothing of cells that are away', async () => {
  const notifications = {
    openRecounts: vi.fn(async () => []),
    quiet: vi.fn(async () => []),
    walk: vi.fn(async () => []),
    prune: vi.fn(async () => 0),
  };
  const sweeper = startNotificationSweeper({
    notifications,
    messages: { heads: async () => [] },
    fanOut: { isBehind: () => undefined },
    recounts: { recount: async () => undefined },
    awayCells: () => ['far'],
    logger: silentLogger,
  });
  await sweeper.sweep();
  await sweeper.close();
  for (const ask of [notifications.openRecounts, notifications.quiet, notifications.walk]) {
    expect(ask.mock.calls.map((args: readonly unknown[]) => args.at(-1))).toEqual([['far']]);
  }
});
