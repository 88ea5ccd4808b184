/** The table that closes an import: what was taken over, what was kept aside or changed, what was left out. */
import { type Counted, labelOf, type Tally, tallyParts } from '../import/slack/tally.ts';

/** Told even when there are none: a run that added nothing says so. */
const ALWAYS: ReadonlySet<Counted> = new Set(['people', 'channels', 'messages']);

/** Lines of the table; what was not counted is left out, and parts in which nothing was. */
export function summaryLines(tally: Tally): readonly string[] {
  const lines: string[] = [];
  for (const { title, counted } of tallyParts) {
    const shown = counted.filter((c) => tally.of(c) > 0 || ALWAYS.has(c));
    if (shown.length === 0) continue;
    lines.push('', title);
    for (const c of shown) lines.push(`  ${tally.of(c).toLocaleString('en').padStart(12)}  ${labelOf(c)}`);
  }
  return [...lines, ''];
}
