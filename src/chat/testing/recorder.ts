/** A publisher that remembers what it was told, and live events that a test scripts. */
import type { LiveEvent, LiveEvents, Publisher } from '../live/port.ts';
import { ScriptedFeed } from './scripted-feed.ts';

export interface RecordedPublisher extends Publisher {
  /** `method` and what it was given, in order. */
  readonly told: { readonly method: keyof Publisher; readonly what: unknown }[];
}

export function recordingPublisher(): RecordedPublisher {
  const told: RecordedPublisher['told'] = [];
  return {
    told,
    messagesAppended: (channel, rows) =>
      void told.push({ method: 'messagesAppended', what: { channel, rows } }),
    changesAppended: (channel, rows) =>
      void told.push({ method: 'changesAppended', what: { channel, rows } }),
    threadMoved: (parent, rootSeq) => void told.push({ method: 'threadMoved', what: { parent, rootSeq } }),
    typing: (channel, userId) => told.push({ method: 'typing', what: { channel, userId } }) > 0,
    signal: (channel, signal) => told.push({ method: 'signal', what: { channel, signal } }) > 0,
    notified: (what) => void told.push({ method: 'notified', what }),
    membershipChanged: (what) => void told.push({ method: 'membershipChanged', what }),
    revoke: async (what) => void told.push({ method: 'revoke', what }),
  };
}

export interface ScriptedLive extends LiveEvents {
  /** What the next subscription yields, then it ends. */
  script: readonly LiveEvent[];
  readonly asked: unknown[];
}

export function scriptedLive(): ScriptedLive {
  const live: ScriptedLive = {
    script: [],
    asked: [],
    async events(_viewer, options) {
      live.asked.push(options);
      return new ScriptedFeed(live.script);
    },
    async channelEvents(_viewer, options) {
      live.asked.push(options);
      return new ScriptedFeed(live.script);
    },
  };
  return live;
}
