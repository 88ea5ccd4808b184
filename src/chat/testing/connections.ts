/** Connections of nobody: each that is asked for is gone. */
import type { Connections } from '../connections/port.ts';
import { notFound } from '../errors.ts';

export const noConnections: Connections = {
  renew: () => Promise.reject(notFound('The connection')),
};
