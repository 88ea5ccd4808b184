/**
 * How long a test waits for what it expects to come to be, unless it says otherwise: Vitest's own second is over before
 * anything has run on a machine that others keep busy.
 */
import { vi } from 'vitest';

const PATIENCE_MS = 20_000;
const { waitFor } = vi;

vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
