/**
 * What is told and not kept: that somebody types, and small signals of their client's own. Members tell, whoever
 * listens to the channel hears; nothing of it is in any order, and some of it may be lost.
 */
import { refuseArchived, requireMember, requireReadable } from '../channels/permission.ts';
import { badInput, rateLimited } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { ChannelKey } from '../log/port.ts';
import { checkJson } from '../messages/text.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { Rate } from './rate.ts';

export interface SignalInput {
  readonly channelId: string;
  readonly name: string;
  readonly payload: JsonObject | null;
  readonly key: string | null;
  readonly isRetained: boolean;
}

export interface Signals {
  /** False when not everybody could be told: people on other servers hear nothing. Throws NOT_FOUND, FORBIDDEN. */
  typing(viewer: Viewer, channelId: string): Promise<boolean>;
  /**
   * False when it was dropped, as too many come in this channel, when not everybody could be told, or when it could not
   * be kept though it was to be. Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, RATE_LIMITED.
   */
  send(viewer: Viewer, input: SignalInput): Promise<boolean>;
}

/** Others hear of somebody's typing in a channel this often, however often their client says it. */
const TYPING_MS = 3_000;
/** Of one sender, over all channels. */
const SIGNALS_A_SECOND = 100;
const PEOPLE = 50_000;

type SignalPorts = Pick<Ports, 'channels' | 'memberships' | 'publisher' | 'retained' | 'clock'>;

/** @param now of the rates: milliseconds, never running backwards. */
export function createSignals(ports: SignalPorts, now: () => number = () => performance.now()): Signals {
  const typing = new Rate({ burst: 1, perMs: TYPING_MS, most: PEOPLE, now });
  const sending = new Rate({ burst: SIGNALS_A_SECOND, perMs: 1_000, most: PEOPLE, now });

  async function mayTell(viewer: Viewer, channelId: string): Promise<ChannelKey> {
    const place = await requireReadable(ports, viewer, channelId);
    requireMember(place);
    refuseArchived(place.channel);
    return { organizationId: viewer.tenant.organizationId, channelId };
  }

  return {
    async typing(viewer, channelId) {
      const channel = await mayTell(viewer, channelId);
      const who = `${channel.organizationId}/${channelId}/${viewer.userId}`;
      // Said again within the time, it was told just now.
      return typing.take(who) > 0 || ports.publisher.typing(channel, viewer.userId);
    },

    async send(viewer, input) {
      check(input);
      const wait = sending.take(`${viewer.tenant.organizationId}/${viewer.userId}`);
      if (wait > 0) throw rateLimited(`At most ${SIGNALS_A_SECOND} signals a second.`, wait);
      const channel = await mayTell(viewer, input.channelId);
      const { name, payload, key, isRetained } = input;
      const signal = { userId: viewer.userId, name, payload, key, sentAt: ports.clock.now() };
      // First, so that whoever begins to listen meanwhile finds it there or hears it.
      const isKept = !isRetained || (await ports.retained.retain(channel, signal));
      return ports.publisher.signal(channel, signal) && isKept;
    },
  };
}

function check({ name, payload, key }: SignalInput): void {
  checkName('name', name);
  if (key !== null) checkName('key', key);
  checkJson('payload', payload, limits.signalBytes);
}

function checkName(what: string, text: string): void {
  const isGood = text.length > 0 && text.length <= limits.signalNameUnits && text.isWellFormed();
  if (!isGood) throw badInput(`\`${what}\` is 1 to ${limits.signalNameUnits} UTF-16 code units of Unicode.`);
}
