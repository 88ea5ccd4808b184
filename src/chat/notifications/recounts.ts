/**
 * Edits and deletions: what a message gives to people follows what it says now. The change is noted in the database
 * before it is appended, so that a crash in between leaves somebody to look; what was looked up is written, and then
 * looked up again: whoever wrote last has seen the newest change.
 */
import type { ChannelKey } from '../log/port.ts';
import type { Logger } from '../logger.ts';
import type { Ports } from '../ports.ts';
import type { FanOut } from './fan-out.ts';
import { noticeOf } from './notice.ts';
import type { NotificationStore, Recount } from './port.ts';

/** How long an answer waits for the counts; the change is saved in any case. */
const PATIENCE_MS = 2_000;
/** Looks at a message that keeps changing, before the sweeper is left with it. */
const TRIES = 8;

type Message = ChannelKey & { readonly seq: number };

export interface RecountPorts {
  readonly notifications: Pick<NotificationStore, 'planRecount' | 'retell' | 'recounted'>;
  readonly messages: Pick<Ports['messages'], 'rows'>;
  readonly fanOut: Pick<FanOut, 'reach'>;
  readonly logger: Logger;
}

export class Recounts {
  readonly #ports: RecountPorts;
  /** So that closing waits for what no answer waits for any more. */
  readonly #running = new Set<Promise<void>>();

  constructor(ports: RecountPorts) {
    this.#ports = ports;
  }

  /** Runs a change of the message. Throws what planning throws, before anything is changed, and what the change throws. */
  async around<T>(message: Message, change: () => Promise<T>): Promise<T> {
    const id = await this.#ports.notifications.planRecount(message);
    const changed = await change();
    const counting = this.recount({ ...message, id }).catch((error: unknown) => {
      this.#ports.logger.warn({ err: error, ...message }, 'mentions will be counted again later');
    });
    this.#running.add(counting);
    void counting.finally(() => this.#running.delete(counting));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, PATIENCE_MS);
    await Promise.race([counting, late]);
    clearTimeout(timer);
    return changed;
  }

  /** Safe to repeat. Throws what the stores throw; then it is still open. */
  async recount({ id, organizationId, channelId, seq }: Recount): Promise<void> {
    const { notifications, messages, fanOut } = this.#ports;
    const channel = { organizationId, channelId };
    const read = async () => (await messages.rows([{ channel, seq }]))[0] ?? null;
    let row = await read();
    for (let tries = 0; tries < TRIES; tries += 1) {
      const isDone = await notifications.retell({ ...channel, seq }, row && noticeOf(row));
      // Nobody was told of it yet: whoever tells them reads it as it is now, or is put right here afterwards.
      if (!isDone && row !== null) {
        await fanOut.reach(channel, seq);
        continue;
      }
      const before = row?.entry.projection?.changedRev ?? 0;
      row = await read();
      if ((row?.entry.projection?.changedRev ?? 0) !== before) continue;
      await notifications.recounted([id]);
      return;
    }
    throw new Error('the message does not come to rest');
  }

  async close(): Promise<void> {
    await Promise.all(this.#running);
  }
}
