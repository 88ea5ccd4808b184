/** Shows how an import goes: a bar on a terminal, otherwise a line for each channel, fit for a log file. */
import { SingleBar } from 'cli-progress';
import type { ImportObserver } from '../import/slack/run.ts';

/** Sentences kept while a bar is drawn, to be shown after it. */
const MOST_KEPT = 100;

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
    format: '{bar} {percentage}% | {value}/{total} days | {messages} messages | {eta_formatted} left',
    stream: out,
    hideCursor: true,
  });
  const kept: string[] = [];
  let unsaid = 0;
  let messages = 0;
  let isDrawn = false;
  return {
    observer: {
      started: ({ dayFiles }) => {
        isDrawn = true;
        bar.start(dayFiles, 0, { messages });
      },
      dayFileDone: () => bar.increment(1, { messages }),
      messagesSaved: (count) => {
        messages += count;
        if (isDrawn) bar.update({ messages });
      },
      channelDone: () => undefined,
      problem: (sentence) => {
        if (kept.length < MOST_KEPT) kept.push(sentence);
        else unsaid += 1;
      },
    },
    close: () => {
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
      started: ({ channels, dayFiles }) => say(`${channels} channels, ${dayFiles} days`),
      dayFileDone: () => undefined,
      messagesSaved: () => undefined,
      channelDone: ({ handle, added, head }) => say(`#${handle}: ${added} messages added, ${head} in all`),
      problem: say,
    },
    close: () => undefined,
  };
}
