/**
 * The port by which replicas that meet in a channel let one of them append for all. It is a matter of speed alone:
 * whoever appends, each append carries its conditions, and a send is known by its key wherever it is repeated. So
 * replicas may disagree about who is appointed, answers may get lost, and two may append the same send: one of them
 * finds it there.
 */
import type { Appended, Send } from './log.ts';
import type { ChannelKey } from './port.ts';

export interface Appointed<Entry> {
  /**
   * Hands sends to the replica that is to append to this channel. Null when that is this one, or when nobody else can
   * be asked. What is answered for a send is what that replica's own log answered; null where there is no answer:
   * nothing is known of it then, it may be saved, or be saved later. Settles soon and never rejects.
   */
  forward(
    channel: ChannelKey,
    sends: readonly Send<Entry>[],
  ): Promise<readonly (Appended<Entry> | null)[]> | null;
  /** True while there may be other replicas and none can be asked: then each leaves the others room. */
  isDeaf(): boolean;
}

/** The side that is asked: a log that appends for other replicas. */
export interface AppendsForOthers<Entry> {
  /** As `append`, and never handed on: whatever this replica thinks of who is appointed, nothing goes in circles. */
  appendHere(channel: ChannelKey, send: Send<Entry>): Promise<Appended<Entry>>;
}
