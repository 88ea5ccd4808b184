/** After everything: what was acknowledged is kept once, under its number, in one order for whoever reads or listened. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Follower } from '../e2e/follower.ts';
import { readAll } from '../e2e/requests.ts';
import type { Channel } from './writers.ts';

const FOLLOWERS_MS = 60_000;

export async function checkChannel(
  urls: readonly string[],
  token: string,
  channel: Channel,
  followers: readonly Follower[],
): Promise<string[]> {
  const broken: string[] = [];
  const [forward, backward] = await Promise.all([
    readAll(urls[0] ?? '', token, channel.id),
    readAll(urls[1] ?? '', token, channel.id, true),
  ]);
  const { acknowledged } = channel;
  const wrong = (what: string): void => void broken.push(`${channel.id}: ${what}`);
  for (const [i, { seq, text }] of forward.entries()) {
    if (seq !== i + 1) wrong(`number ${i + 1} is ${seq}`);
    const other = backward[i];
    if (other?.seq !== seq || other.text !== text) wrong(`${seq} reads otherwise backward`);
    if (acknowledged.get(seq) !== text) wrong(`${seq} was acknowledged as ${acknowledged.get(seq)}`);
  }
  if (backward.length !== forward.length) wrong(`${forward.length} forward, ${backward.length} backward`);
  for (const seq of acknowledged.keys()) if (seq > forward.length) wrong(`acknowledged ${seq} is lost`);
  const texts = new Set(forward.map(({ text }) => text));
  if (texts.size !== forward.length) wrong('a message is kept twice');

  for (
    let waited = 0;
    waited < FOLLOWERS_MS && followers.some((f) => f.seqs.length < forward.length);
    waited += 100
  )
    await sleep(100);
  for (const [i, follower] of followers.entries()) {
    const at = forward.findIndex(
      ({ seq, text }, j) => follower.seqs[j] !== seq || follower.texts[j] !== text,
    );
    if (at !== -1 || follower.seqs.length !== forward.length)
      wrong(
        `listener ${i} heard ${follower.seqs.length} of ${forward.length}, the first other one at ${at + 1}`,
      );
    for (const error of follower.withErrors) wrong(`listener ${i} got ${JSON.stringify(error)}`);
  }
  return broken;
}
