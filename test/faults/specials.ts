/** What is different on grounds that are not plain: how processes are run, and how they are configured. */
import { existsSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TRACED_CALLS } from '../disks/traced-calls.ts';
import { TRACER } from '../support/disk-fault.ts';
import type { TierOptions } from '../support/tier.ts';
import type { Special } from './fault.ts';

type Difference = {
  readonly tier?: TierOptions;
  readonly redisConfig?: readonly string[];
  /** The command line that runs a node or a server; `scratch` is the ground's directory. */
  readonly run?: (name: string, line: readonly string[], scratch: string) => readonly string[];
};

/** An operator's own user of the servers. */
export const ADMINISTRATOR = { username: 'administrator', password: 'for-tests-only' } as const;
const ADMINISTRATOR_VARIABLE = 'POLLUX_TEST_ADMINISTRATOR';

const crashAtLine = pathToFileURL(
  resolve(import.meta.dirname, `processes/crash-at-line${extname(import.meta.filename)}`),
).href;

export const recordOf = (scratch: string, node: string): string => join(scratch, `${node}.recorded`);

const recorded = (name: string, line: readonly string[], scratch: string): readonly string[] =>
  name.startsWith('pollux-')
    ? [
        // File operations in a ring shared with the kernel would not be seen.
        ...['env', 'UV_USE_IO_URING=0', TRACER, '-f', '--seccomp-bpf', '-xx', '-s', '100000000', '-qq'],
        ...['-o', recordOf(scratch, name), '-e', `trace=${TRACED_CALLS.join(',')}`, ...line],
      ]
    : line;

/** Where Debian's package libfaketime puts it. */
const CLOCK_LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map(
  (machine) => `/usr/lib/${machine}/faketime/libfaketime.so.1`,
);

export const clockLibrary = (): string | null => CLOCK_LIBRARIES.find((path) => existsSync(path)) ?? null;

export const clockOf = (scratch: string, name: string): string => join(scratch, `${name}.clock`);

/** As the library reads it: `+0`, `+3600`, `-3600`, `+0 x1.05`. */
export const setClock = (scratch: string, name: string, offset: string): void =>
  writeFileSync(clockOf(scratch, name), `${offset}\n`);

/** Rates at which the clocks of nodes go, from their start on. */
const RATES: Readonly<Record<string, string>> = { 'pollux-a': '+0 x1.04', 'pollux-w': '+0 x0.96' };

/** A wall clock can be set; the monotonic one of a machine never jumps, but it may go fast or slow. */
const clocked =
  (which: 'wall' | 'both') =>
  (name: string, line: readonly string[], scratch: string): readonly string[] => {
    // The allocator of Redis does not start under the library.
    if (!name.startsWith('pollux-')) return line;
    const library = clockLibrary();
    if (library === null)
      throw new Error(
        'clocks cannot be set here: there is no libfaketime (Debian: apt-get install libfaketime)',
      );
    if (!existsSync(clockOf(scratch, name)))
      setClock(scratch, name, which === 'wall' ? '+0' : (RATES[name] ?? '+0'));
    return [
      ...['env', `LD_PRELOAD=${library}`, `FAKETIME_TIMESTAMP_FILE=${clockOf(scratch, name)}`],
      ...['FAKETIME_NO_CACHE=1', ...(which === 'wall' ? ['FAKETIME_DONT_FAKE_MONOTONIC=1'] : []), ...line],
    ];
  };

const SPECIALS: Readonly<Record<Special, Difference>> = {
  plain: {},
  crashable: { tier: { processOptions: () => ['--import', crashAtLine] } },
  recorded: { run: recorded },
  clocks: { run: clocked('wall') },
  drifting: { run: clocked('both') },
  snapshots: { tier: { configuration: { consensus: { entriesBeforeSnapshot: 20 } } } },
  administrator: {
    tier: {
      configuration: {
        redis: {
          steeringSecret: { file: 'steering-secret' },
          admin: { username: ADMINISTRATOR.username, password: { environment: ADMINISTRATOR_VARIABLE } },
        },
      },
      environment: { [ADMINISTRATOR_VARIABLE]: ADMINISTRATOR.password },
    },
    redisConfig: [`user ${ADMINISTRATOR.username} on >${ADMINISTRATOR.password} ~* &* +@all`],
  },
};

export const specialOf = (special: Special): Difference => SPECIALS[special];
