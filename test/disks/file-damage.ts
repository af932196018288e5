/**
 * Damage to the files of a log that was closed in order: one bit of one file flipped, or one file cut off. The log
 * must load exactly what it held, or refuse with a DamagedLogError that names a record and says what to do. Everything
 * in it was acknowledged, so there is no third way.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { type SeededRandom, seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { DamagedLogError } from '../../src/platform/damaged-log-error.ts';
import { type DiskLog, openDiskLog } from '../../src/platform/disk-log.ts';
import { digestOf, HISTORY_NODE, HISTORY_TIER, type HistoryOptions, historyOf } from './log-history.ts';

export type DamageOptions = HistoryOptions & {
  /** Seeded places in each file that are damaged, each in both ways. */
  readonly placesPerFile: number;
  /** Files up to that length are damaged at every byte instead. */
  readonly everyByteUpTo: number;
  readonly scratch: string;
  readonly progress?: (line: string) => void;
};
export type DamageReport = {
  readonly damages: number;
  /** The damage met nothing that is still in force. */
  readonly harmless: number;
  readonly refused: number;
  /** Records that refusals named, and how often. */
  readonly records: Readonly<Record<string, number>>;
  readonly wrong: readonly { readonly damage: string; readonly what: string }[];
};

type Damage = { readonly name: string; readonly apply: (bytes: Buffer) => Buffer };

/** A log can lie in its write-ahead log, in tables, or partly in both. */
const SHAPES = ['as closed', 'opened once more', 'compacted'] as const;

export async function damageEverywhere(options: DamageOptions): Promise<DamageReport> {
  const random = seededRandom(options.seed);
  const counts = { damages: 0, harmless: 0, refused: 0 };
  const records: Record<string, number> = {};
  const wrong: { damage: string; what: string }[] = [];
  const sound = join(options.scratch, 'sound');
  const expected = await writeHistory(sound, options);
  for (const shape of SHAPES) {
    await reshape(sound, shape);
    for (const file of filesOf(sound)) {
      const bytes = readFileSync(join(sound, file));
      for (const { name, apply } of damagesOf(bytes, options, random)) {
        const directory = join(options.scratch, 'damaged');
        rmSync(directory, { recursive: true, force: true });
        cpSync(sound, directory, { recursive: true });
        writeFileSync(join(directory, file), apply(Buffer.from(bytes)));
        counts.damages += 1;
        const outcome = await judge(directory, expected);
        if (outcome.kind === 'harmless') counts.harmless += 1;
        else if (outcome.kind === 'wrong') {
          wrong.push({ damage: `${file} (${shape}), ${name}, seed ${options.seed}`, what: outcome.what });
        } else {
          counts.refused += 1;
          records[outcome.record] = (records[outcome.record] ?? 0) + 1;
        }
      }
      const { damages, refused } = counts;
      options.progress?.(`${shape}, ${file}: ${damages} damages, ${refused} refused, ${wrong.length} wrong`);
    }
  }
  return { ...counts, records, wrong };
}

const stateOf = async (log: DiskLog): Promise<string> =>
  `${digestOf(await log.load())} ${JSON.stringify(log.identity())}`;

/** Returns what the log says of itself. */
async function writeHistory(directory: string, options: HistoryOptions): Promise<string> {
  mkdirSync(directory);
  const log = await openDiskLog({ directory, node: HISTORY_NODE });
  await log.load();
  const history = historyOf(options);
  for (const step of history.steps) {
    if (step.kind === 'bindTier') await log.bindTier(HISTORY_TIER);
    if (step.kind === 'persist') await Promise.all(step.batches.map((batch) => log.persist(batch)));
  }
  const state = await stateOf(log);
  await log.close();
  if (!state.startsWith(history.digests.at(-1) ?? 'none')) throw new Error('the log is not what was written');
  return state;
}

async function reshape(directory: string, shape: (typeof SHAPES)[number]): Promise<void> {
  if (shape === 'as closed') return;
  const database = new ClassicLevel<Buffer, Buffer>(join(directory, 'log'), {
    keyEncoding: 'buffer',
    compression: false,
  });
  await database.open();
  if (shape === 'compacted') await database.compactRange(Buffer.from([0]), Buffer.from([255]));
  await database.close();
}

const filesOf = (directory: string): readonly string[] => [
  'acknowledged',
  ...readdirSync(join(directory, 'log'))
    .filter((file) => file !== 'LOCK' && !file.startsWith('LOG'))
    .map((file) => join('log', file)),
];

function damagesOf(bytes: Buffer, options: DamageOptions, random: SeededRandom): readonly Damage[] {
  const every = bytes.length <= options.everyByteUpTo;
  const places = every
    ? Array.from(bytes.keys())
    : Array.from({ length: options.placesPerFile }, () => random.integer(0, bytes.length));
  return places.flatMap((at): Damage[] => {
    const bit = random.integer(0, 8);
    return [
      {
        name: `bit ${bit} of byte ${at} of ${bytes.length} flipped`,
        apply: (sound) => {
          sound[at] = (sound[at] ?? 0) ^ (1 << bit);
          return sound;
        },
      },
      { name: `cut to ${at} of ${bytes.length} bytes`, apply: (sound) => sound.subarray(0, at) },
    ];
  });
}

type Outcome =
  | { readonly kind: 'harmless' }
  | { readonly kind: 'refused'; readonly record: string }
  | { readonly kind: 'wrong'; readonly what: string };

const REFUSAL =
  /cannot be trusted: .+: expected .+, found .+\. (?:This node must not vote|Nothing was changed)/s;

async function judge(directory: string, expected: string): Promise<Outcome> {
  try {
    // Twice, for opening moves records to other files.
    for (const opening of ['at first', 'when opened again']) {
      const log = await openDiskLog({ directory, node: HISTORY_NODE });
      const found = await stateOf(log).finally(() => log.close());
      if (found !== expected) return { kind: 'wrong', what: `${opening}: ${found} instead of ${expected}` };
    }
    return { kind: 'harmless' };
  } catch (error) {
    if (!(error instanceof DamagedLogError)) return { kind: 'wrong', what: String(error) };
    if (!REFUSAL.test(error.message)) return { kind: 'wrong', what: `says too little: ${error.message}` };
    return { kind: 'refused', record: error.damage.record.replaceAll(/\d+/g, 'N') };
  }
}
