/**
 * Where the results of a subscription go: the seam between what renders events once for many subscribers and the
 * transport that writes them to one. Nothing here is a promise: an event that many get costs each of them a few calls.
 */
import type { GraphQLError } from 'graphql';

/** An execution result as it goes over the wire, the same object for all who are sent the same. */
export interface Rendered {
  /** `{"data":…}` or `{"data":…,"errors":…}`, as JSON. */
  readonly json: string;
}

/** The client has to come back with its cursors: a store was down, or what waited for it overflowed. */
export type ResumeReason = 'RESUME' | 'SLOW_CONSUMER';

export interface Outlet {
  /** False while what was written waits for the client: nothing more is taken until `onRoom`'s listener is called. */
  readonly hasRoom: boolean;
  onRoom(listener: () => void): void;
  /** In the order of calls. `channelId`: whose event it is; null for one that no revocation concerns. */
  write(rendered: Rendered, channelId: string | null): void;
  /** What was written of the channel and is not handed to the socket yet never will be. */
  purge(channelId: string): void;
  /** The subscription is over, after all that was written: done, or refused with these errors. */
  end(errors: readonly GraphQLError[] | null): void;
  resume(why: ResumeReason): void;
}

/** A subscription that runs; stopped by whoever began it. */
export interface Following {
  stop(): void;
}
