/** The model keeps the contract too, but for a connection's end: what is shown with it holds for the real ones. */
import type { ChangeEntry, MessageEntry } from '../entries.ts';
import { logContract } from '../log.contract.ts';
import { logStoreContract } from '../log-store.contract.ts';
import { type LogStore, StoreUnreachable } from '../port.ts';
import { MemoryStore } from './memory-store.ts';

/** One connection to a store that outlives it. */
function connection<Entry>(store: LogStore<Entry>, isOpen: () => boolean): LogStore<Entry> {
  const open = <T>(call: () => Promise<T>): Promise<T> =>
    isOpen() ? call() : Promise.reject(new StoreUnreachable('closed'));
  return {
    bucketSize: store.bucketSize,
    append: (batch) => open(() => store.append(batch)),
    seal: (channel, head, to) => open(() => store.seal(channel, head, to)),
    consult: (ref, keys) => open(() => store.consult(ref, keys)),
    states: (refs) => open(() => store.states(refs)),
    tailHints: (channels) => open(() => store.tailHints(channels)),
    hintTail: (ref) => open(() => store.hintTail(ref)),
    range: (channel, from, to) => open(() => store.range(channel, from, to)),
    rows: (refs) => open(() => store.rows(refs)),
  };
}

const messages = new MemoryStore<MessageEntry>(8);
const changes = new MemoryStore<ChangeEntry>(8);
const open = async () => {
  let isOpen = true;
  return {
    messages: connection(messages, () => isOpen),
    changes: connection(changes, () => isOpen),
    close: async () => {
      isOpen = false;
    },
  };
};

logStoreContract('the model', open);
logContract('the model', open);
