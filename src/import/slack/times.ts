/** Slack's `ts`: seconds since the epoch, a point, and a counter that makes it unique in its channel. */

/** What a `ts` looks like. */
export const TS = /^\d{1,11}\.\d{1,9}$/;

/** Milliseconds since the epoch. */
export function tsMillis(ts: string): number {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** The same in a form whose order as text is that of time, then counter. As it stands the longer number would come first. */
export function tsKey(ts: string): string {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return `${seconds.padStart(11, '0')}.${fraction.padEnd(9, '0')}`;
}
