/** How a server that is measured is told to collect its garbage. */

export const COLLECT: NodeJS.Signals = 'SIGUSR2';

/** Node's arguments that load what hears it; that costs nothing until then. */
export const COLLECTING: readonly string[] = [
  '--expose-gc',
  '--import',
  new URL('../peers/collect-on-signal.ts', import.meta.url).href,
];
