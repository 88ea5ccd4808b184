/** How a server that is measured is told to collect its garbage. */

import { pathToFileURL } from 'node:url';
import type { Built } from './built.ts';

export const COLLECT: NodeJS.Signals = 'SIGUSR2';

/** Node's arguments that load what hears it; that costs nothing until then. */
export const collecting = (built: Built): readonly string[] => [
  '--expose-gc',
  '--import',
  pathToFileURL(built.file('collect-on-signal')).href,
];
