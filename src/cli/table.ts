/** Tables without borders: columns line up, and a line can still be cut into fields by a script. */
import Table from 'cli-table3';
import type { Paint } from './paint.ts';

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

/** `rows` under `headings`; `-` stands for an empty cell. */
export function table(
  paint: Paint,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const drawn = new Table({
    head: headings.map((heading) => paint.heading(heading)),
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [], compact: true },
  });
  for (const row of rows) drawn.push(row.map((cell) => (cell === '' ? '-' : cell)));
  return withoutTrailingSpace(drawn.toString());
}

/** `name: value` lines whose values line up. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const widest = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${`${name}:`.padEnd(widest + 3)}${value}`).join('\n');
}

/** A headed block that stays away altogether when there is nothing to show. */
export function section(paint: Paint, title: string, body: string): string {
  return body === '' ? '' : `\n${paint.heading(title)}\n${body}\n`;
}

const withoutTrailingSpace = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
