/** Progress on a terminal; nothing at all where the output goes into a file. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  step(doing: string): void;
  end(): void;
}

export function startProgress(total: number): Progress {
  if (!process.stderr.isTTY) return { step: () => undefined, end: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {value}/{total}  {doing}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    barsize: 30,
  });
  bar.start(total, 0, { doing: 'starting' });
  let done = -1;
  return {
    step: (doing) => bar.update(Math.max(0, ++done), { doing }),
    end: () => bar.stop(),
  };
}
