/**
 * Connects the driver, and ends the connections that it forgets on the way: those to nodes that took them and then were
 * of no use (no such datacenter, no answer to the first question). They would keep a process from ending, and one that
 * tries again each second would come to hold thousands.
 */
import type { Client } from 'cassandra-driver';

interface Connection {
  close(): void;
}

/** Inside the driver. Where it has moved, what was refused leaves connections open: there is a test. */
interface ControlConnection {
  _createConnection(contactPoint: unknown): Promise<Connection>;
}

const isControlConnection = (inner: unknown): inner is ControlConnection =>
  typeof inner === 'object' &&
  inner !== null &&
  '_createConnection' in inner &&
  typeof inner._createConnection === 'function';

/** Rejects as the driver does. */
export async function makeContact(client: Client): Promise<void> {
  const control = 'controlConnection' in client ? client.controlConnection : null;
  if (!isControlConnection(control)) return client.connect();
  const create = control._createConnection;
  const opened: Connection[] = [];
  control._createConnection = async (contactPoint) => {
    const connection = await create.call(control, contactPoint);
    opened.push(connection);
    return connection;
  };
  try {
    await client.connect();
    // It goes on with the last.
    opened.pop();
  } finally {
    control._createConnection = create;
    for (const connection of opened) connection.close();
  }
}
