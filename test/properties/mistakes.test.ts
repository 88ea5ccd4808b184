/**
 * The properties, tested: each of these mistakes is easy to make here, was made once by somebody, and looks right on
 * a quiet day. The properties must find every one.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryProjections } from '../../src/chat/changes/testing/memory-projections.ts';
import type { ChangeEntry, MessageEntry } from '../../src/chat/log/entries.ts';
import type { ChannelKey } from '../../src/chat/log/port.ts';
import { type LeftOut, MemoryStore } from '../../src/chat/log/testing/memory-store.ts';
import { changesPlan } from './changes-plan.ts';
import type { Stores } from './check-changes.ts';
import { logPlan } from './log-plan.ts';
import { type Planted, plant, type Replacement } from './planted.ts';

interface Mistake {
  readonly name: string;
  readonly in: 'messages' | 'changes';
  readonly replace?: readonly Replacement[];
  /** A condition that the store's append leaves out. */
  readonly leftOut?: LeftOut;
  /** The append names the projected columns, as null: the time of a conditional write shadows every projection. */
  readonly namesProjection?: true;
}

/** On a deterministic model the first run that fails is found again: these seeds find every mistake below. */
const SEEDS = [1, 2, 3, 4];
const RUNS = 40;

const mistakes: readonly Mistake[] = [
  { name: 'an append without its condition on the last number', in: 'messages', leftOut: 'the last number' },
  { name: 'an append without its condition on the send keys', in: 'messages', leftOut: 'the send keys' },
  {
    name: 'searching older buckets when the send arrives instead of after they are full',
    in: 'messages',
    replace: [
      {
        file: 'log/batch.ts',
        from: 'if (pending.searched === null || pending.searched < bucket) continue;',
        to: 'if (pending.searched === null) continue;',
      },
      {
        file: 'log/copy-search.ts',
        from: '(pending.searched ?? -1) >= position.bucket',
        to: 'pending.searched !== null',
      },
    ],
  },
  {
    name: 'a key twice in one batch',
    in: 'messages',
    replace: [
      { file: 'log/waiting-sends.ts', from: 'this.#sends.get(send.sendKey)', to: 'this.#none()' },
      {
        file: 'log/waiting-sends.ts',
        from: 'this.#sends.set(send.sendKey, pending)',
        to: 'this.#sends.set(send.sendKey + Math.random(), pending)',
      },
      {
        file: 'log/waiting-sends.ts',
        from: 'this.#sends.delete(send.sendKey)',
        to: 'this.#sends.forEach((each, key) => { if (each.isSettled) this.#sends.delete(key); })',
      },
      {
        file: 'log/waiting-sends.ts',
        from: '  rejectAll(',
        to: '  #none(): PendingSend<Entry> | undefined { return undefined; }\n\n  rejectAll(',
      },
      { file: 'log/batch.ts', from: '.size < rows.length', to: '.size < 0' },
    ],
  },
  {
    name: 'beginning the next bucket early',
    in: 'messages',
    replace: [
      {
        file: 'log/position.ts',
        from: 'return bucketOf(this.#head + 1, this.#bucketSize);',
        to: 'return bucketOf(this.#head + 2, this.#bucketSize);',
      },
    ],
  },
  {
    name: 'taking a bucket for full that something was appended to',
    in: 'messages',
    replace: [
      { file: 'log/tail.ts', from: 'state?.last === lastOfBucket(bucket, bucketSize)', to: 'state !== null' },
      {
        file: 'log/search.ts',
        from: 'if (state?.last !== lastOfBucket(through, store.bucketSize))',
        to: 'if (state === null)',
      },
    ],
  },
  {
    name: 'taking an unknown outcome for a failure',
    in: 'messages',
    replace: [
      {
        file: 'log/attempts.ts',
        from: 'await this.#resolveUnknown(position, next, error);',
        to: 'for (const pending of next.sends) pending.reject(error);',
      },
    ],
  },
  {
    name: 'taking an unknown outcome for a success',
    in: 'messages',
    replace: [
      {
        file: 'log/attempts.ts',
        from: 'await this.#resolveUnknown(position, next, error);',
        to: 'await this.#applied(position, next);',
      },
    ],
  },
  { name: 'naming the projected columns in the append', in: 'changes', namesProjection: true },
  {
    name: 'giving out a rev before its projection: as the head',
    in: 'changes',
    replace: [{ file: 'changes/change-log.ts', from: 'await projector.reach(', to: 'void ((_) => _)(' }],
  },
  {
    name: 'giving out a rev before its projection: as an answer',
    in: 'changes',
    replace: [
      {
        file: 'changes/deciding.ts',
        from: 'apply: (channel, rows) => projector.apply(channel, rows)',
        to: 'apply: async (channel, rows) => void projector.apply(channel, rows).catch(() => undefined)',
      },
    ],
  },
  {
    name: 'deciding on a state that is not the one before',
    in: 'changes',
    replace: [
      {
        file: 'changes/deciding.ts',
        from: 'settle: (channel, head) => projector.settle(channel, head)',
        to: 'settle: async () => undefined',
      },
    ],
  },
  {
    name: 'forgetting the edits that a deletion must erase',
    in: 'changes',
    replace: [
      {
        file: 'changes/projector.ts',
        from: "if (row.entry.kind === 'DELETED')",
        to: "if (row.entry.kind === 'JOINED')",
      },
    ],
  },
];

/** The stores of one run, with the store's own mistake in them. */
function storesOf({
  leftOut,
  namesProjection,
}: Mistake): Stores & { dump(channel: ChannelKey): Promise<string> } {
  const messages = new MemoryStore<MessageEntry>(4, leftOut);
  const changes = new MemoryStore<ChangeEntry>(4, leftOut);
  const projections = new MemoryProjections(messages, changes);
  if (namesProjection) messages.shown = (_, row) => row;
  const dump = async () => JSON.stringify([messages.dump(), changes.dump(), projections.dump()]);
  return { messages, changes, projections, dump };
}

const play = async (
  mistake: Mistake,
  planted: Planted,
  seed: number,
): Promise<Pick<fc.RunDetails<unknown>, 'failed' | 'errorInstance'>> => {
  const options = { numRuns: RUNS, seed, endOnFailure: true } as const;
  const mustHold = (broken: readonly string[]): void => {
    if (broken.length > 0) throw new Error(broken.join('\n'));
  };
  return mistake.in === 'messages'
    ? fc.check(
        fc.asyncProperty(logPlan, async (plan) =>
          mustHold(await planted.playLog(plan, planted.createLog, storesOf(mistake).messages)),
        ),
        options,
      )
    : fc.check(
        fc.asyncProperty(changesPlan, async (plan) => {
          const stores = storesOf(mistake);
          mustHold(await planted.playChanges(plan, planted.createChangeLog, stores, stores.dump));
        }),
        options,
      );
};

/** What the first seed that notices something says; null when none does. */
async function noticed(mistake: Mistake): Promise<string | null> {
  const planted = await plant(mistake.replace ?? []);
  try {
    for (const seed of SEEDS) {
      const { failed, errorInstance } = await play(mistake, planted, seed);
      if (failed) return String(errorInstance);
    }
    return null;
  } finally {
    planted.remove();
  }
}

describe('the properties', { timeout: 120_000 }, () => {
  test.each(['messages', 'changes'] as const)('hold for %s without a mistake', async (log) => {
    expect(await noticed({ name: 'none', in: log })).toBe(null);
  });

  test.each(mistakes)('notice $name', async (mistake) => {
    const said = await noticed(mistake);
    expect(said).not.toBe(null);
  });
});
