/** Rows on one ground, one after the other; what is wrong with one does not keep the others from being tried. */
import type { Jars } from './jars.ts';
import { prepareGround, type TierStarter } from './prepare.ts';
import { type Row, type RowResult, tryRow } from './row.ts';

export type Tried = { readonly tier: string; readonly rows: readonly RowResult[] };

export async function tryRows(
  rows: readonly Row[],
  jars: Jars,
  startTier: TierStarter,
  progress: (line: string) => void,
): Promise<Tried> {
  const results: RowResult[] = [];
  const ground = await prepareGround(jars, startTier, progress);
  try {
    for (const row of rows) {
      progress(`${row.name}: ${row.what}`);
      const result = await tryRow(row, ground, progress);
      results.push(result);
      progress(lineOf(result));
    }
  } finally {
    await ground.close();
  }
  return { tier: ground.tier.what, rows: results };
}

function lineOf({ row, verdict, figures, wrong, tookMs }: RowResult): string {
  const shown = figures.map(
    ({ name, value, unit }) => `${name} ${value}${unit === undefined ? '' : ` ${unit}`}`,
  );
  const sentences = wrong.map((sentence) => `\n           ! ${sentence}`).join('');
  return `${verdict.padEnd(5)} ${row} (${tookMs} ms): ${shown.join(', ')}${sentences}`;
}
