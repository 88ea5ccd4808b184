/** Nobody is there, and nothing is kept for those who come later. */
import type { PresencePort } from '../presence/port.ts';
import type { RetainedSignals } from '../signals/port.ts';
import { ScriptedFeed } from './scripted-feed.ts';

export const noPresence: PresencePort = {
  of: async (_organizationId, userIds) => userIds.map(() => 'OFFLINE'),
  say: async () => false,
  watch: () => new ScriptedFeed([]),
};

export const nothingRetained: RetainedSignals = { retain: async () => true };
