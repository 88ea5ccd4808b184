import { builder } from '../builder.ts';

export const Presence = builder.enumType('Presence', { values: ['ACTIVE', 'AWAY', 'OFFLINE'] as const });
