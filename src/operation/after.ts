/** Does something later, unless it is of no use any more by then. */
export function after(ms: number, ended: AbortSignal, work: () => void): void {
  if (ended.aborted) return;
  const stop = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    ended.removeEventListener('abort', stop);
    work();
  }, ms);
  ended.addEventListener('abort', stop, { once: true });
}
