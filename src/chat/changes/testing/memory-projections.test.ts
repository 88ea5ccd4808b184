/** The model keeps the contract too: what is shown with it holds for the real ones. */
import { StoreUnreachable } from '../../log/port.ts';
import { projectionStoreContract } from '../projection-store.contract.ts';
import { memoryLogs } from './memory-projections.ts';

const { messages, changes, projections } = memoryLogs(8);

projectionStoreContract('the model', async () => {
  let isOpen = true;
  const whileOpen = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          isOpen ? Reflect.apply(member, target, args) : Promise.reject(new StoreUnreachable('closed'));
      },
    });
  return {
    messages: whileOpen(messages),
    changes: whileOpen(changes),
    projections: whileOpen(projections),
    dump: async () => JSON.stringify([messages.dump(), changes.dump(), projections.dump()]),
    close: async () => {
      isOpen = false;
    },
  };
});
