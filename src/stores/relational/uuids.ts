/** Ids come from clients: what is no UUID names nothing, and is left out before it can reach SQL as an error. */
import { isUuid } from '../../chat/ids.ts';

/** The UUIDs among the ids, each once. */
export const uuidsOf = (ids: Iterable<string>): readonly string[] => [...new Set(ids)].filter(isUuid);

/** True when all are UUIDs. */
export const areUuids = (...ids: readonly string[]): boolean => ids.every(isUuid);
