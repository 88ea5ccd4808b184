/** Shows how an import goes: a bar on a terminal, otherwise a line for each channel, fit for a log file. */
import { SingleBar } from 'cli-progress';
import type { ImportObserver } from '../import/slack/run.ts';

/** Sentences kept while a bar is drawn, to be shown after it. */
const MOST_KEPT = 100;
/** The bar moves ten times a second, and the time left is judged by the last 30 seconds. */
const UPDATE_MS = 100;
const ETA_UPDATES = 300;

export interface ImportProgress {
  readonly observer: ImportObserver;
  /** Takes the bar away and shows what was kept back. */
  close(): void;
}

export const observeImport = (out: NodeJS.WriteStream): ImportProgress =>
  out.isTTY ? withBar(out) : inLines(out);

/** Names in an export are not ours: nothing of them may steer the terminal. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');

function withBar(out: NodeJS.WriteStream): ImportProgress {
  const bar = new SingleBar({
    format: '{bar} {percentage}% | {messages} messages | {eta_formatted} left',
    stream: out,
    hideCursor: true,
    etaBuffer: ETA_UPDATES,
  });
  const kept: string[] = [];
  let unsaid = 0;
  let messages = 0;
  let bytes = 0;
  let isDrawn = false;
  let updatedAt = 0;
  const update = (): void => {
    if (!isDrawn || performance.now() - updatedAt < UPDATE_MS) return;
    updatedAt = performance.now();
    bar.update(bytes, { messages });
  };
  return {
    observer: {
      started: (totals) => {
        isDrawn = true;
        bar.start(Math.max(1, totals.bytes), 0, { messages });
      },
      advanced: (more) => {
        bytes += more;
        update();
      },
      messagesSaved: (count) => {
        messages += count;
        update();
      },
      conversationDone: () => undefined,
      problem: (sentence) => {
        if (kept.length < MOST_KEPT) kept.push(sentence);
        else unsaid += 1;
      },
    },
    close: () => {
      if (isDrawn) bar.update(bytes, { messages });
      bar.stop();
      for (const sentence of kept) out.write(`${printable(sentence)}\n`);
      if (unsaid > 0) out.write(`… and ${unsaid} more like these\n`);
    },
  };
}

function inLines(out: NodeJS.WriteStream): ImportProgress {
  const say = (line: string): void => void out.write(`${printable(line)}\n`);
  return {
    observer: {
      started: ({ conversations, dayFiles }) => say(`${conversations} conversations, ${dayFiles} day files`),
      advanced: () => undefined,
      messagesSaved: () => undefined,
      conversationDone: ({ label, added, head }) =>
        say(`${label}: ${added} messages added, ${head} in all outside threads`),
      problem: say,
    },
    close: () => undefined,
  };
}
