/** One thing that is tried on the ground, and what came of it. A row without a sentence about what is wrong is green. */
import type { RocketmqGround } from './ground.ts';

export type Figure = {
  readonly name: string;
  readonly value: number | string;
  readonly unit?: string | undefined;
};

export type RowResult = {
  readonly row: string;
  readonly verdict: 'green' | 'red';
  readonly figures: readonly Figure[];
  readonly wrong: readonly string[];
  readonly tookMs: number;
};

/** What a row finds while it runs. */
export class Findings {
  readonly figures: Figure[] = [];
  readonly wrong: string[] = [];
  readonly progress: (line: string) => void;

  constructor(progress: (line: string) => void) {
    this.progress = progress;
  }

  /** Says what is wrong unless this is so. */
  expect(isSo: boolean, otherwise: string): void {
    if (!isSo) this.wrong.push(otherwise);
  }

  figure(name: string, value: number | string, unit?: string): void {
    this.figures.push(unit === undefined ? { name, value } : { name, value, unit });
  }
}

export type Row = {
  readonly name: string;
  readonly what: string;
  /** It changes nothing that another row looks at: such rows that follow each other are tried at the same time. */
  readonly sideBySide?: boolean;
  /** What is acknowledged meanwhile is counted by a row at the end. */
  readonly counted?: boolean;
  /** Takes too long for every change. */
  readonly slow?: boolean;
  /** The only tier at which it says anything. */
  readonly at?: RocketmqGround['tier']['kind'];
  readonly run: (ground: RocketmqGround, findings: Findings) => Promise<void>;
};

export async function tryRow(
  row: Row,
  ground: RocketmqGround,
  progress: (line: string) => void,
): Promise<RowResult> {
  const findings = new Findings(progress);
  const startedMs = performance.now();
  try {
    await row.run(ground, findings);
  } catch (error) {
    findings.wrong.push(error instanceof Error ? error.message : String(error));
  }
  const { figures, wrong } = findings;
  const verdict = wrong.length === 0 ? 'green' : 'red';
  return { row: row.name, verdict, figures, wrong, tookMs: Math.round(performance.now() - startedMs) };
}
