/** What runs found at one tier, kept so that the other one's stands beside it; and the table for people. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import { z } from 'zod';
import { repositoryRoot } from '../../support/repository.ts';
import type { RocketmqTier } from './ground.ts';
import type { RowResult } from './row.ts';
import { ROWS } from './rows.ts';

export type TierKind = RocketmqTier['kind'];

const figureSchema = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string()]),
  unit: z.string().optional(),
});
const resultsSchema = z.object({
  measured: z.string(),
  machine: z.string(),
  tier: z.string(),
  rows: z.array(
    z.object({
      row: z.string(),
      verdict: z.enum(['green', 'red']),
      figures: z.array(figureSchema),
      wrong: z.array(z.string()),
      tookMs: z.number(),
    }),
  ),
});
export type Results = Omit<z.infer<typeof resultsSchema>, 'rows'> & { readonly rows: readonly RowResult[] };

const README = resolve(repositoryRoot, 'src/doors/rocketmq/README.md');
const BEGIN = '<!-- interop: written by `npm run -s interop -- rocketmq [--stock] --record` -->';
const END = '<!-- end of interop -->';

const fileOf = (kind: TierKind): string =>
  resolve(repositoryRoot, 'test/interop/rocketmq', `last-${kind}.json`);

function kept(kind: TierKind): Results | null {
  const file = fileOf(kind);
  return existsSync(file) ? resultsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

const figuresText = ({ figures }: Pick<RowResult, 'figures'>): string =>
  figures
    .map(({ name, value, unit }) => `${name} ${value}${unit === undefined ? '' : ` ${unit}`}`)
    .join(', ');

export function tableOf(rows: readonly RowResult[]): string {
  const table = new Table({
    head: ['row', 'verdict', 'figures', 'took'],
    style: { head: [], border: [] },
    colWidths: [26, 9, 70, 10],
    wordWrap: true,
  });
  for (const result of rows) {
    const wrong = result.wrong.map((sentence) => `\n! ${sentence}`).join('');
    table.push([result.row, result.verdict, `${figuresText(result)}${wrong}`, `${result.tookMs} ms`]);
  }
  return table.toString();
}

function cellOf(results: Results | null, row: string): string {
  const found = results?.rows.find((one) => one.row === row);
  if (found === undefined) return 'not tried';
  const figures = figuresText(found);
  const verdict = found.verdict === 'red' ? '**red**' : 'green';
  return figures === '' ? verdict : `${verdict}; ${figures}`;
}

/** Keeps what a run found, beside rows of before that it did not try, and writes the table of both tiers into the README. */
export function record(kind: TierKind, results: Results): void {
  const before = (kept(kind)?.rows ?? []).filter(({ row }) => results.rows.every((one) => one.row !== row));
  const rows = [...before, ...results.rows];
  writeFileSync(fileOf(kind), `${JSON.stringify({ ...results, rows }, null, 2)}\n`);
  const [ours, stock] = [kept('pollux'), kept('stock')];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const said = [ours, stock].flatMap((one) =>
    one === null ? [] : [`${one.tier}, measured on ${one.measured}, ${one.machine}.`],
  );
  const headings = ['row', 'what', 'pollux', 'stock'];
  const text = [
    ...said,
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...ROWS.map(({ name, what }) => line([name, what, cellOf(ours, name), cellOf(stock, name)])),
  ].join('\n');
  const page = readFileSync(README, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${README} lacks its markers: ${BEGIN}, ${END}`);
  writeFileSync(README, `${page.slice(0, from)}${BEGIN}\n${text}\n${page.slice(to)}`);
}
