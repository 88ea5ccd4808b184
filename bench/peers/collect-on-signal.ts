/**
 * Loaded into every server that is measured, before its own code: collects garbage when told to, so that memory is read
 * of what is held and not of what the collector has not come to yet, which is most of it after many have connected.
 */
import { COLLECT } from '../fanout/collecting.ts';

process.on(COLLECT, () => {
  // As when memory runs out: pages that are free are given back to the system.
  void globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
});
