/** The shapes of what replicas tell each other of presence. */
import { z } from 'zod';

const id = z.string().min(1).max(200);

const presence = z.enum(['ACTIVE', 'AWAY', 'OFFLINE']);

/**
 * On a person's presence topic: the store has something else of them than before. `presence`: what it has of this one
 * replica; of all of them together the store is asked.
 */
export const heardPresence = z.object({ from: id, presence });
export type HeardPresence = z.infer<typeof heardPresence>;

/** To all edges: what a person said of all their connections. */
export const saidPresence = z.object({ from: id, organizationId: id, userId: id, presence });
