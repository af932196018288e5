/** Rows on one ground; what is wrong with one does not keep the others from being tried. */
import type { Jars } from './jars.ts';
import { type GroundOptions, prepareGround, type TierStarter } from './prepare.ts';
import { type Row, type RowResult, tryRow } from './row.ts';

export type Tried = { readonly tier: string; readonly rows: readonly RowResult[] };

export async function tryRows(
  rows: readonly Row[],
  jars: Jars,
  startTier: TierStarter,
  progress: (line: string) => void,
  options: GroundOptions = {},
): Promise<Tried> {
  const results: RowResult[] = [];
  const ground = await prepareGround(jars, startTier, progress, options);
  try {
    for (const together of groupsOf(rows))
      results.push(
        ...(await Promise.all(
          together.map(async (row) => {
            progress(`${row.name}: ${row.what}`);
            const result = await tryRow(row, ground, progress);
            progress(lineOf(result));
            return result;
          }),
        )),
      );
  } finally {
    await ground.close();
  }
  return { tier: ground.tier.what, rows: results };
}

/** Each row by itself, but for those side by side that follow each other. */
function groupsOf(rows: readonly Row[]): readonly Row[][] {
  const groups: Row[][] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (row.sideBySide === true && last?.at(-1)?.sideBySide === true) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

function lineOf({ row, verdict, figures, wrong, tookMs }: RowResult): string {
  const shown = figures.map(
    ({ name, value, unit }) => `${name} ${value}${unit === undefined ? '' : ` ${unit}`}`,
  );
  const sentences = wrong.map((sentence) => `\n           ! ${sentence}`).join('');
  return `${verdict.padEnd(5)} ${row} (${tookMs} ms): ${shown.join(', ')}${sentences}`;
}
