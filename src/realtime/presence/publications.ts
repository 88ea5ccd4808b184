/** The shapes of what replicas tell each other of presence. */
import { z } from 'zod';

const id = z.string().min(1).max(200);

/** On a person's presence topic: the store says something else of them. */
export const heardPresence = z.object({ from: id });

/** To all edges: what a person said of all their connections. */
export const saidPresence = z.object({
  from: id,
  organizationId: id,
  userId: id,
  presence: z.enum(['ACTIVE', 'AWAY', 'OFFLINE']),
});
