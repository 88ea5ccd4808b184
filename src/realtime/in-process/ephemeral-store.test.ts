import { ephemeralStoreContract } from '../ephemeral-store.contract.ts';
import { createInProcessStore } from './ephemeral-store.ts';

let waited = 0;

ephemeralStoreContract('in-process', {
  ends: async ({ clock, bounds }) => {
    const store = createInProcessStore({ clock: { now: () => clock.now() + waited }, bounds });
    return [store, store];
  },
  wait: async (ms) => {
    waited += ms;
  },
});
