import { busContract } from '../bus.contract.ts';
import { createInProcessBus } from './bus.ts';

busContract('in-process', {
  ends: async () => {
    const bus = createInProcessBus();
    return [bus, bus];
  },
});
