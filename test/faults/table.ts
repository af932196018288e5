/** Rows for people: on a terminal, and as the page that is kept. */
import { availableParallelism, cpus } from 'node:os';
import Table from 'cli-table3';
import type { Row } from './attempt.ts';

const HEADINGS = [
  'fault',
  'layout',
  'policy',
  'acknowledged',
  'lost',
  'gap idc-a',
  'gap idc-b',
  'reigns',
  'whole after',
  'verdict',
] as const;

const cellsOf = (row: Row): string[] => [
  row.fault,
  row.layout,
  row.policy,
  String(row.acknowledged),
  String(row.lost),
  `${row.longestGapMs['idc-a'] ?? '-'} ms`,
  `${row.longestGapMs['idc-b'] ?? '-'} ms`,
  String(row.reigns),
  row.wholeAfterMs === null ? 'never' : `${row.wholeAfterMs} ms`,
  row.verdict,
];

export function tableOf(rows: readonly Row[]): string {
  const table = new Table({ head: [...HEADINGS], style: { head: [], border: [] } });
  for (const row of rows) table.push(cellsOf(row));
  return table.toString();
}

/** Markdown, with the day and the machine. */
export function pageOf(rows: readonly Row[], summary: string, now: Date): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const wrong = rows.flatMap(({ fault, wrong: sentences }) =>
    sentences.map((sentence) => `- ${fault}: ${sentence}`),
  );
  const machine = `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}`;
  return [
    '# Faults on real processes: the last result that was kept',
    '',
    `${now.toISOString().slice(0, 10)}, ${machine}: **${summary}**. Written by \`npm run -s faults -- --record\`;`,
    'README.md says what each column means.',
    '',
    line(HEADINGS),
    line(HEADINGS.map(() => '---')),
    ...rows.map((row) => line(cellsOf(row))),
    ...(wrong.length > 0 ? ['', ...wrong] : []),
    '',
  ].join('\n');
}
