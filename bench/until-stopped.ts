/** Ctrl-C stops measuring, and what was made for it (servers, keyspaces, a database) is taken away. */
export async function untilStopped(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  try {
    await run(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('Stopped.');
    process.exitCode = 130;
  }
}
