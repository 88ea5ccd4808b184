/**
 * How much a person, a channel and an organization may write: checked where writing begins, before a store is asked.
 * Answers at once, from counts in this process (windows.ts says how replicas share them).
 */
import { rateLimited } from '../errors.ts';
import type { ChannelKey } from '../log/port.ts';
import type { Viewer } from '../viewer.ts';
import type { RateLimit, SharedRates } from './port.ts';
import { Windows } from './windows.ts';

/** Null: none. */
export interface RateLimits {
  readonly sendsPerUser: RateLimit | null;
  readonly sendsPerChannel: RateLimit | null;
  readonly sendsPerOrganization: RateLimit | null;
  /** Edits, deletions, reactions, pins, and what is done with channels and members. */
  readonly changesPerUser: RateLimit | null;
}

export interface Rates {
  /** A person begins to send. Throws RATE_LIMITED. */
  send(viewer: Viewer): void;
  /** They may send to this channel, and what they send is to be saved. Throws RATE_LIMITED. */
  sendTo(channel: ChannelKey): void;
  /** A person begins to change something. Throws RATE_LIMITED. */
  change(viewer: Viewer): void;
}

/** Rates that count nothing until they are told to. */
export interface CountedRates extends Rates {
  /** From now on; what the program itself writes before it serves anybody is not counted. */
  begin(): void;
}

export const noRates: Rates = { send: () => undefined, sendTo: () => undefined, change: () => undefined };

export interface RateOptions {
  readonly limits: RateLimits;
  /** Null: this is the only replica. */
  readonly shared: SharedRates | null;
  readonly now?: () => number;
  readonly onFailure?: (error: unknown) => void;
}

export function createRates({ limits, shared, now, onFailure }: RateOptions): CountedRates {
  const windowsOf = (name: string, limit: RateLimit | null): Windows | null =>
    limit === null
      ? null
      : new Windows({
          limit,
          shared: shared === null ? null : shared.counts(name, limit),
          ...(now === undefined ? {} : { now }),
          ...(onFailure === undefined ? {} : { onFailure }),
        });
  const sends = {
    user: windowsOf('user', limits.sendsPerUser),
    channel: windowsOf('channel', limits.sendsPerChannel),
    organization: windowsOf('organization', limits.sendsPerOrganization),
  };
  const changes = windowsOf('changes', limits.changesPerUser);
  let isCounting = false;

  return {
    begin() {
      isCounting = true;
    },

    send({ tenant: { organizationId }, userId }) {
      if (!isCounting || sends.user === null) return;
      const key = `${organizationId}/${userId}`;
      refuse('You send too much', sends.user.wait(key));
      sends.user.take(key);
    },

    sendTo({ organizationId, channelId }) {
      if (!isCounting) return;
      const { channel, organization } = sends;
      const key = `${organizationId}/${channelId}`;
      // Both are asked first: what one refuses is not taken from the other.
      if (channel !== null) refuse('Too much is sent in this channel', channel.wait(key));
      if (organization !== null)
        refuse('Too much is sent in this organization', organization.wait(organizationId));
      channel?.take(key);
      organization?.take(organizationId);
    },

    change({ tenant: { organizationId }, userId }) {
      if (!isCounting || changes === null) return;
      const key = `${organizationId}/${userId}`;
      refuse('You change too much', changes.wait(key));
      changes.take(key);
    },
  };
}

function refuse(what: string, waitMs: number): void {
  if (waitMs > 0) throw rateLimited(`${what}. Try again in a moment.`, waitMs);
}
