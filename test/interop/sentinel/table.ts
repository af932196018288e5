/** Cells for people: on a terminal, and between the markers of the door's README. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import { repositoryRoot } from '../../support/repository.ts';
import type { Cell } from './attempt.ts';
import type { Client, Found } from './client.ts';
import { FAULTS } from './faults.ts';

export type ClientRow = {
  readonly client: Client;
  readonly found: Found;
  readonly cells: readonly Cell[];
};

const README = resolve(repositoryRoot, 'src/doors/sentinel/README.md');

/** What clients were tried at. */
export type Doors = 'nodes' | 'Sentinels';
const BEGIN: Readonly<Record<Doors, string>> = {
  nodes: '<!-- clients: written by `npm run -s interop -- sentinel --record` -->',
  Sentinels: '<!-- clients: written by `npm run -s interop -- sentinel --real --record` -->',
};
const END = '<!-- end of clients -->';

const headings: readonly string[] = [
  'client',
  'version',
  'beside its defaults',
  ...FAULTS.map(({ name }) => name),
];

function cellText(cell: Cell | undefined, doors: Doors): string {
  if (cell === undefined) return 'not tried';
  const stood = `${cell.stoodStillMs} ms`;
  if (cell.verdict === 'red' && doors === 'nodes') return `**red**, ${stood}`;
  const late = cell.afterMending ? ', after mending' : '';
  const verdict = doors === 'nodes' ? 'green, ' : '';
  return `${verdict}${stood}${late}${cell.lost > 0 ? `, ${cell.lost} lost` : ''}`;
}

function wordsOf({ client, found, cells }: ClientRow, doors: Doors): readonly string[] {
  const version = found.kind === 'found' ? found.version : 'not here';
  const texts = FAULTS.map(({ name }) =>
    found.kind === 'missing'
      ? found.why
      : cellText(
          cells.find(({ fault }) => fault === name),
          doors,
        ),
  );
  return [client.name, version, client.options, ...texts];
}

export function tableOf(rows: readonly ClientRow[], doors: Doors): string {
  const table = new Table({ head: [...headings], style: { head: [], border: [] } });
  for (const row of rows) table.push([...wordsOf(row, doors)]);
  return table.toString();
}

export function markdownOf(rows: readonly ClientRow[], doors: Doors, machine: string, now: Date): string {
  const verdict = doors === 'nodes' ? 'verdict, and ' : '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `Measured on ${now.toISOString().slice(0, 10)}, ${machine}: ${verdict}the longest time between two successful writes.`,
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map((row) => line(wordsOf(row, doors))),
  ].join('\n');
}

/** Writes them into the README of the door. */
export function record(text: string, doors: Doors): void {
  const page = readFileSync(README, 'utf8');
  const [from, to] = [page.indexOf(BEGIN[doors]), page.indexOf(END, page.indexOf(BEGIN[doors]))];
  if (from < 0 || to < from) throw new Error(`${README} lacks its markers: ${BEGIN[doors]}, ${END}`);
  writeFileSync(README, `${page.slice(0, from)}${BEGIN[doors]}\n${text}\n${page.slice(to)}`);
}
