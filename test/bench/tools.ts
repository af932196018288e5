/** Programs of others that a benchmark measures against: found on the path, or installed where somebody asked for a figure. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Progress } from './benchmark.ts';

/** The package of Debian that holds each program. */
const PACKAGES: Readonly<Record<string, string>> = {
  etcd: 'etcd-server',
  ip: 'iproute2',
  java: 'default-jdk-headless',
  javac: 'default-jdk-headless',
  mvn: 'maven',
  nft: 'nftables',
};

export const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const apt = (...words: readonly string[]): boolean =>
  spawnSync('apt-get', ['-y', '-qq', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/**
 * Throws where a program is missing, saying how to get it. With `install` it is fetched through apt first, where this
 * process may do that; a test never does.
 */
export function needPrograms(programs: readonly string[], install: boolean, progress: Progress): void {
  for (const program of programs) {
    if (isInstalled(program)) continue;
    const name = PACKAGES[program] ?? program;
    if (install && process.getuid?.() === 0 && isInstalled('apt-get')) {
      progress(`'${program}' is not on the path; installing ${name}`);
      // A machine that never fetched its package lists finds nothing the first time.
      if (!apt('install', name) && apt('update')) apt('install', name);
    }
    if (!isInstalled(program))
      throw new Error(
        `no '${program}' on the path: install it (Debian: apt-get install ${name}), then run this again`,
      );
  }
}
