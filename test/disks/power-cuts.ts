/**
 * The power is cut after each operation of a recording, and the production log is opened on what may be on the disk
 * then. It has to load a state that the history went through, with everything that was acknowledged by then; a log that
 * went through nothing but a power cut has no reason to refuse either.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { DamagedLogError } from '../../src/platform/damaged-log-error.ts';
import { openDiskLog } from '../../src/platform/disk-log.ts';
import { DiskModel, type Fate, type FileSystem, type FileTree } from './disk-model.ts';
import { digestOf, HISTORY_NODE, HISTORY_TIER, type History } from './log-history.ts';
import type { Recording } from './recording.ts';

export type CutOptions = {
  readonly seed: number;
  /** Torn states tried at each cut, for each kind of file system. */
  readonly tornStates: number;
  /** Whether the power is cut after this step. */
  readonly cutsAfter: (step: number) => boolean;
  /** An existing directory for the states, preferably in memory. */
  readonly scratch: string;
  readonly progress?: (line: string) => void;
};

export type CutReport = {
  readonly cuts: number;
  readonly states: number;
  readonly loaded: number;
  /** States with more than what was acknowledged: a batch that was on its way and arrived. */
  readonly ahead: number;
  readonly refused: readonly CutFinding[];
  /** What must never be. */
  readonly wrong: readonly CutFinding[];
};
export type CutFinding = { readonly cut: string; readonly what: string };

type Promised = { begun: number; acknowledged: number; directoryId: string | null; isBound: boolean };

const FILE_SYSTEMS: readonly FileSystem[] = ['journal', 'letter'];

export async function cutEverywhere(
  recording: Recording,
  history: History,
  options: CutOptions,
): Promise<CutReport> {
  const models = FILE_SYSTEMS.map((fileSystem) => ({
    fileSystem,
    model: new DiskModel(fileSystem, recording.root),
  }));
  const promised: Promised = { begun: 0, acknowledged: 0, directoryId: null, isBound: false };
  const report = { cuts: 0, states: 0, loaded: 0, ahead: 0 };
  const refused: CutFinding[] = [];
  const wrong: CutFinding[] = [];
  for (const [position, step] of recording.steps.entries()) {
    if (step.kind === 'said') note(promised, step.text);
    else for (const { model } of models) model.apply(step);
    if (!options.cutsAfter(position)) continue;
    report.cuts += 1;
    const seen = new Set<string>();
    for (const { fileSystem, model } of models) {
      for (const [name, fate] of fatesOf(model, position, options)) {
        const tree = model.afterCut(fate);
        const fingerprint = fingerprintOf(tree);
        if (seen.has(fingerprint)) continue;
        seen.add(fingerprint);
        report.states += 1;
        const cut = `after step ${position} (${step.kind}) of seed ${options.seed}, ${fileSystem}: ${name}`;
        const outcome = await openAfter(tree, recording, history, promised, options.scratch);
        if (outcome.kind === 'refused') refused.push({ cut, what: outcome.what });
        else if (outcome.kind === 'wrong') wrong.push({ cut, what: outcome.what });
        else {
          report.loaded += 1;
          if (outcome.batches > promised.acknowledged) report.ahead += 1;
        }
      }
    }
    if (report.cuts % 100 === 0) {
      const { cuts, states } = report;
      options.progress?.(`${cuts} cuts, ${states} states, ${refused.length} refused, ${wrong.length} wrong`);
    }
  }
  return { ...report, refused, wrong };
}

function note(promised: Promised, said: string): void {
  const [word, value = ''] = said.split(' ');
  if (word === 'begun') promised.begun = Number(value);
  else if (word === 'acknowledged') promised.acknowledged = Number(value);
  else if (word === 'bound') promised.isBound = true;
  else if (word === 'opened') {
    assert.ok(promised.directoryId === null || promised.directoryId === value, 'one directory, one identity');
    promised.directoryId = value;
  } else throw new Error(`the writer said ${said}`);
}

function fatesOf(model: DiskModel, position: number, options: CutOptions): [string, Fate][] {
  const random = seededRandom(options.seed * 1_000_003 + position);
  const kept: [string, Fate] = ['all kept', { names: 'kept', content: 'kept', random }];
  if (!model.hasPending()) return [kept];
  return [
    kept,
    ['all lost', { names: 'lost', content: 'lost', random }],
    ['names kept, content lost', { names: 'kept', content: 'lost', random }],
    ['names lost, content kept', { names: 'lost', content: 'kept', random }],
    ...Array.from({ length: options.tornStates }, (_, torn): [string, Fate] => [
      `torn ${torn}`,
      { names: 'torn', content: 'torn', random },
    ]),
  ];
}

function fingerprintOf(tree: FileTree): string {
  const hash = createHash('sha1');
  for (const [path, content] of [...tree].sort(([one], [other]) => (one < other ? -1 : 1))) {
    hash.update(`${path}\0${content?.length ?? 'directory'}\0`);
    if (content !== null) hash.update(content);
  }
  return hash.digest('hex');
}

type Outcome =
  | { readonly kind: 'loaded'; readonly batches: number }
  | { readonly kind: 'refused'; readonly what: string }
  | { readonly kind: 'wrong'; readonly what: string };

async function openAfter(
  tree: FileTree,
  { root, dataDirectory }: Recording,
  { digests }: History,
  promised: Promised,
  scratch: string,
): Promise<Outcome> {
  const place = join(scratch, 'after-cut');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  for (const [path, content] of [...tree].sort(([one], [other]) => one.length - other.length)) {
    const at = join(place, path.slice(root.length));
    if (content !== null) writeFileSync(at, content);
    else mkdirSync(at, { recursive: true });
  }
  const directory = join(place, dataDirectory.slice(root.length));
  try {
    const { batches, identity } = await load(directory, digests);
    const fault = faultOf(batches, identity, promised);
    if (fault !== null) return { kind: 'wrong', what: fault };
    // What was loaded once is what is there from now on: opening moves records to other files.
    const again = await load(directory, digests);
    if (again.batches !== batches)
      return { kind: 'wrong', what: `${batches}, then ${again.batches} batches` };
    return { kind: 'loaded', batches };
  } catch (error) {
    if (error instanceof DamagedLogError) return { kind: 'refused', what: error.message };
    return { kind: 'wrong', what: String(error) };
  }
}

type Identity = { readonly directoryId: string; readonly tierId: string | null };

/** `batches`: after how many of them the history was in the state that was found; -1 for a state it never was in. */
async function load(
  directory: string,
  digests: readonly string[],
): Promise<{ batches: number; identity: Identity }> {
  const log = await openDiskLog({ directory, node: HISTORY_NODE });
  try {
    const digest = digestOf(await log.load());
    return { batches: digests.lastIndexOf(digest), identity: log.identity() };
  } finally {
    await log.close();
  }
}

function faultOf(batches: number, identity: Identity, promised: Promised): string | null {
  const { begun, acknowledged, directoryId, isBound } = promised;
  if (batches < 0) return 'a state that the history never was in';
  if (batches < acknowledged) return `${batches} batches, though ${acknowledged} were acknowledged`;
  if (batches > begun) return `${batches} batches, though only ${begun} were begun`;
  if (directoryId !== null && identity.directoryId !== directoryId) return 'another identity';
  if (isBound && identity.tierId !== HISTORY_TIER) return 'the tier of the directory was forgotten';
  return null;
}
