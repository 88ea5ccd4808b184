/** What options may be, checked as they are read. */
import { InvalidArgumentError } from 'commander';

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed');
  return value;
}

export const someOf =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): Name[] =>
    text.split(',').map((part) => {
      const name = known.find((one) => one === part);
      if (name === undefined) throw new InvalidArgumentError(`there are ${known.join(' and ')}`);
      return name;
    });

/** Whole numbers from 1 to `most`, with commas. */
export const wholeNumbers =
  (most: number) =>
  (text: string): number[] =>
    text.split(',').map((part) => {
      const value = positive(part);
      if (!Number.isInteger(value) || value > most)
        throw new InvalidArgumentError(`whole numbers from 1 to ${most} are needed`);
      return value;
    });
