/** One server for everybody. */
import { systemClock } from '../clock.ts';
import { onlyEndpoint } from '../endpoints/placement.ts';

export const oneEndpoint = onlyEndpoint(() => 'ws://127.0.0.1:4000/graphql', systemClock);
