/** The table that closes an import: what was taken over, what was kept aside or changed, what was left out. */
import { labelOf, type Tally, tallyParts } from '../import/slack/tally.ts';

/** Lines of the table; parts in which nothing was counted are left out, except the first. */
export function summaryLines(tally: Tally): readonly string[] {
  const lines: string[] = [];
  for (const [i, { title, counted }] of tallyParts.entries()) {
    const rows = counted.filter((c) => tally.of(c) > 0);
    if (i > 0 && rows.length === 0) continue;
    lines.push('', title);
    const shown = i === 0 ? counted : rows;
    for (const c of shown) lines.push(`  ${tally.of(c).toLocaleString('en').padStart(12)}  ${labelOf(c)}`);
  }
  return [...lines, ''];
}
