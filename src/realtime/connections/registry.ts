/**
 * The connections that are held here: found by their names, told when their tokens end, and renewed, also for other
 * replicas. A name says which replica holds it, so that a renewal elsewhere asks that one alone, over its own topic.
 */
import { randomUUID } from 'node:crypto';
import type { ConnectionRegistry, HeldConnection, Person } from '../../chat/connections/port.ts';
import { notFound } from '../../chat/errors.ts';
import { isUuid } from '../../chat/ids.ts';
import type { Logger } from '../../chat/logger.ts';
import type { Bus } from '../bus.ts';
import { RemoteRenewals } from './remote-renewals.ts';

type Listener = (expiresAt: Date) => void;

export interface ConnectionRegistryOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  readonly logger: Logger;
  /** How long another replica may take to answer. */
  readonly answerMs?: number;
}

export interface LiveConnectionRegistry extends ConnectionRegistry {
  /** How many are held here. */
  readonly size: number;
  /** What came over the bus and was dropped because of its shape. */
  readonly rejected: number;
  close(): Promise<void>;
}

/** Long enough for a bus and a replica under load, short enough for somebody who waits. */
const ANSWER_MS = 2_000;

export function createConnectionRegistry(options: ConnectionRegistryOptions): LiveConnectionRegistry {
  const { replicaId } = options;
  const held = new Map<string, HeldConnection>();
  const followers = new Map<string, readonly Listener[]>();

  const renewHere = async (id: string, person: Person, token: string): Promise<Date> => {
    const connection = held.get(id);
    if (connection === undefined) throw notFound('The connection');
    return connection.renew(person, token);
  };
  const remote = new RemoteRenewals({ answerMs: ANSWER_MS, ...options, renewHere });

  return {
    // As one piece of memory: a fresh UUID is held as some sixteen pieces, half a kilobyte a connection.
    newId: () => Buffer.from(`${replicaId}.${randomUUID()}`).toString('latin1'),

    hold(connection) {
      held.set(connection.connectionId, connection);
      return () => {
        held.delete(connection.connectionId);
      };
    },

    expiring({ connectionId, expiring }) {
      if (expiring === null) return;
      for (const listener of followers.get(connectionId) ?? []) listener(expiring);
    },

    follow(id, listener) {
      const connection = held.get(id);
      if (connection === undefined) return () => undefined;
      // Lists as long as they must be: there is one for each connection, mostly of one.
      followers.set(id, (followers.get(id) ?? []).concat(listener));
      if (connection.expiring !== null) listener(connection.expiring);
      return () => {
        const others = (followers.get(id) ?? []).filter((other) => other !== listener);
        if (others.length === 0) followers.delete(id);
        else followers.set(id, others);
      };
    },

    async renew({ tenant, userId }, connectionId, token) {
      const person = { organizationId: tenant.organizationId, userId };
      const at = holderOf(connectionId);
      if (at === replicaId) return renewHere(connectionId, person, token);
      if (at === null) throw notFound('The connection');
      return remote.renew(at, { connectionId, ...person, token });
    },

    get size() {
      return held.size;
    },
    get rejected() {
      return remote.rejected;
    },
    close: () => remote.close(),
  };
}

/** The replica that a connection's name names; null for what no replica can have made. */
function holderOf(connectionId: string): string | null {
  const [replicaId = '', own = '', ...rest] = connectionId.split('.');
  return rest.length === 0 && isUuid(replicaId) && isUuid(own) ? replicaId : null;
}
