import { sendSignal } from '../../resolvers/mutation/send-signal.ts';
import { setPresence } from '../../resolvers/mutation/set-presence.ts';
import { startTyping } from '../../resolvers/mutation/start-typing.ts';
import { builder } from '../builder.ts';
import { ChannelInput } from '../inputs/channel-input.ts';
import { SendSignalInput } from '../inputs/send-signal-input.ts';
import { SetPresenceInput } from '../inputs/set-presence-input.ts';
import { Accepted } from '../payloads/accepted.ts';
import { fresh } from './fresh.ts';

/** What is told and not kept. */
builder.mutationFields((t) => ({
  startTyping: t.field({
    type: Accepted,
    description: "Tells the channel's online members that the viewer is typing. Not stored.",
    args: { input: t.arg({ type: ChannelInput, required: true }) },
    resolve: fresh(startTyping),
  }),
  setPresence: t.field({
    type: Accepted,
    description: `Over the WebSocket: of this connection, for as long as it lasts and over a reconnect within 10 s. Over HTTP: of all the
viewer's connections. AWAY shows when no connection is active; OFFLINE appears offline while connected.`,
    args: { input: t.arg({ type: SetPresenceInput, required: true }) },
    resolve: fresh(setPresence),
  }),
  sendSignal: t.field({
    type: Accepted,
    description:
      "A small ephemeral event for the channel's online members: cursors, moves in a game, bursts of hearts. Not stored.",
    args: { input: t.arg({ type: SendSignalInput, required: true }) },
    resolve: fresh(sendSignal),
  }),
}));
