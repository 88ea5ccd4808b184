/** What is promised of a channel's log: saved, without gaps, once, in one order. */
import type { Attempt, ChannelHistory } from '../history.ts';
import type { Invariant } from './invariant.ts';

const perChannel =
  (check: (channel: ChannelHistory) => Iterable<string>): Invariant['check'] =>
  ({ channels }) =>
    channels.flatMap((channel) => [...check(channel)].map((what) => `${channel.id}: ${what}`));

const answered = ({ attempts }: ChannelHistory) =>
  attempts.flatMap((attempt) => (attempt.answer === null ? [] : [{ attempt, answer: attempt.answer }]));

/** What was acknowledged is there, under the number that was given. */
export const saved: Invariant = {
  name: 'sent means saved',
  check: perChannel(function* (channel) {
    for (const { attempt, answer } of answered(channel)) {
      const row = channel.forward[answer.seq - 1];
      if (row === undefined) yield `acknowledged ${answer.seq} is lost`;
      else if (row.key !== attempt.key || row.text !== answer.text)
        yield `${answer.seq} was acknowledged as ${answer.text} and is ${row.text}`;
    }
  }),
};

/** Numbers go from 1 up by one, and nothing is there that nobody sent. */
export const gapFree: Invariant = {
  name: 'no gap and nothing invented',
  check: perChannel(function* ({ forward, attempts }) {
    const sent = new Set(attempts.map(({ key }) => key));
    for (const [i, { seq, key, text }] of forward.entries()) {
      if (seq !== i + 1) yield `number ${i + 1} is ${seq}`;
      if (key === null || !sent.has(key)) yield `${seq} (${text}) was sent by nobody`;
    }
  }),
};

/** A send is one message, whatever its repeats say and whoever answers them. */
export const once: Invariant = {
  name: 'once',
  check: perChannel(function* (channel) {
    const keys = new Set<string | null>();
    for (const { key, seq } of channel.forward) {
      if (keys.has(key)) yield `${seq} is a second copy`;
      keys.add(key);
    }
    const numbers = new Map<string, number>();
    const owners = new Map<number, string>();
    const texts = new Map<string, string>();
    for (const { key, text } of channel.attempts) if (!texts.has(key)) texts.set(key, text);
    for (const { attempt, answer } of answered(channel)) {
      const { key } = attempt;
      const number = numbers.get(key);
      if (number !== undefined && number !== answer.seq)
        yield `one send was given ${number} and ${answer.seq}`;
      if (number !== undefined && !answer.isDuplicate)
        yield `the repeat of ${number} was told that it was the first`;
      numbers.set(key, answer.seq);
      const owner = owners.get(answer.seq);
      if (owner !== undefined && owner !== key) yield `number ${answer.seq} was given twice`;
      owners.set(answer.seq, key);
      if (answer.text !== texts.get(key))
        yield `${answer.seq} says ${answer.text}, first sent as ${texts.get(key)}`;
    }
  }),
};

/** The same forward and backward; times never run back; what was acknowledged comes before what was sent after that. */
export const oneOrder: Invariant = {
  name: 'one order',
  check: perChannel(function* ({ forward, backward, attempts }) {
    if (backward.length !== forward.length) yield `${forward.length} forward, ${backward.length} backward`;
    const begun = firsts(attempts, ({ from }) => from);
    const acknowledged = firsts(
      attempts.filter(({ answer }) => answer !== null),
      ({ to }) => to,
    );
    let newest = '';
    let latest = Number.NEGATIVE_INFINITY;
    for (const [i, row] of forward.entries()) {
      const other = backward[i];
      if (other?.seq !== row.seq || other.text !== row.text || other.createdAt !== row.createdAt)
        yield `${row.seq} reads otherwise backward`;
      if (row.createdAt < newest) yield `${row.seq} is of ${row.createdAt}, after ${newest}`;
      newest = row.createdAt;
      if ((acknowledged.get(row.key ?? '') ?? Number.POSITIVE_INFINITY) < latest)
        yield `${row.seq} was acknowledged before one below it was sent`;
      latest = Math.max(latest, begun.get(row.key ?? '') ?? Number.NEGATIVE_INFINITY);
    }
  }),
};

/** The earliest of each send's moments. */
function firsts(attempts: readonly Attempt[], moment: (attempt: Attempt) => number): Map<string, number> {
  const first = new Map<string, number>();
  for (const attempt of attempts)
    first.set(attempt.key, Math.min(first.get(attempt.key) ?? Number.POSITIVE_INFINITY, moment(attempt)));
  return first;
}
