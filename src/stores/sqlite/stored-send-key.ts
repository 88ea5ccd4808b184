/**
 * How a send key lies in the table of sends: what its sender called the send first, who sent it last. Ids of clients
 * begin with their time as a rule, so what is written together lies together. With the sender first, each of twenty
 * sends of a group had a page of its own to read, log and sync.
 */

/** Two keys never become one: whatever stands before the first slash moves to the end, after the last. */
export function storedSendKey(sendKey: string): string {
  const slash = sendKey.indexOf('/');
  return slash < 0 ? sendKey : `${sendKey.slice(slash + 1)}/${sendKey.slice(0, slash)}`;
}
