/** Slack's `ts`: seconds since the epoch, a point, and a counter that makes it unique in its channel. */

/** Milliseconds since the epoch. */
export function tsMillis(ts: string): number {
  const [seconds = '0', fraction = ''] = ts.split('.');
  return Number(seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** Orders by time, then by counter. As text the longer number would come first. */
export function compareTs(a: string, b: string): number {
  const [aSeconds = '0', aFraction = ''] = a.split('.');
  const [bSeconds = '0', bFraction = ''] = b.split('.');
  const bySeconds = Number(aSeconds) - Number(bSeconds);
  if (bySeconds !== 0) return bySeconds;
  return Number(aFraction.padEnd(9, '0')) - Number(bFraction.padEnd(9, '0'));
}
