/** The live view: on a terminal a table that is drawn over, elsewhere a line a second; always on standard error. */
import { paintFor } from '../../src/cli/paint.ts';
import { table } from '../../src/cli/table.ts';
import type { Ground } from '../../test/support/ground.ts';
import type { Traffic } from './traffic.ts';

const HEADINGS = ['group', 'phase', 'epoch', 'master', 'IDC', 'sync set'];
const REDRAW_MS = 250;
const LINE_EVERY_MS = 1_000;

export type LiveView = { tell(line: string): void; stop(): void };

export function startLiveView(ground: Ground, traffic: Traffic, output: NodeJS.WriteStream): LiveView {
  const startedMs = performance.now();
  const seconds = (): string => `${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(5)} s`;
  const paint = paintFor(output.isTTY);
  const before = new Map<string, number>();
  let drawnLines = 0;
  let busy = false;

  const erase = (): void => {
    if (drawnLines > 0) output.write(`\x1b[${drawnLines}A\x1b[0J`);
    drawnLines = 0;
  };
  const rates = (): string =>
    traffic.load.idcs
      .map((one) => {
        const since = one.acknowledged.size - (before.get(one.idc) ?? 0);
        before.set(one.idc, one.acknowledged.size);
        return `${one.idc}: ${one.acknowledged.size} acknowledged (+${since})`;
      })
      .join('   ');

  const draw = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      const rows: string[][] = [];
      for (const { name } of ground.groups) {
        const group = await ground.group(name);
        const members =
          group.syncSets
            .at(-1)
            ?.members.map(({ replica }) => replica)
            .join(' ') ?? '';
        rows.push([
          name,
          group.phase.kind,
          String(group.epoch),
          group.master?.replica ?? '-',
          group.master?.site ?? '-',
          members,
        ]);
      }
      const text = `${table(paint, HEADINGS, rows)}\n${seconds()}  ${rates()}   delivered ${traffic.deliveries.size}\n`;
      erase();
      output.write(text);
      drawnLines = text.split('\n').length - 1;
    } catch {
      // A node that does not answer in time leaves the picture as it is.
    } finally {
      busy = false;
    }
  };
  const timer = output.isTTY
    ? setInterval(() => void draw(), REDRAW_MS)
    : setInterval(
        () => output.write(`${seconds()}  ${rates()}   delivered ${traffic.deliveries.size}\n`),
        LINE_EVERY_MS,
      );

  return {
    tell: (line) => {
      erase();
      output.write(`${seconds()}  ${line}\n`);
    },
    stop: () => {
      clearInterval(timer);
      erase();
    },
  };
}
