/** A table for a terminal and for a README: Markdown, its columns aligned. */

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  // The first columns are words, the others numbers.
  const isText = head.map((_, i) => rows.every((row) => !/^[×\d.,—-]+$/.test(row[i] ?? '')));
  const cell = (text: string, i: number): string =>
    isText[i] ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const rule = widths.map((width, i) => (isText[i] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/** Three significant digits, thousands grouped. */
export const figure = (value: number): string =>
  Number.isFinite(value) ? value.toLocaleString('en-US', { maximumSignificantDigits: 3 }) : '—';

export const ratio = (value: number): string => (Number.isFinite(value) ? `×${value.toFixed(2)}` : '—');
