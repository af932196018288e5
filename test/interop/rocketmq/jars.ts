/**
 * RocketMQ's jars, one class path a version, from Maven Central through `pom.xml`; and our programs, compiled once against
 * the newest. All of it is kept below `dist` and made again only when what it was made from has changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../support/repository.ts';

const run = promisify(execFile);

/** The newest 5.x that Maven Central has whole, the one before controllers could be trusted, and one that knows none. */
export const VERSIONS = { newest: '5.5.0', older: '5.1.4', naming: '4.9.7' } as const;

const RESOLVE_TIMEOUT_MS = 300_000;
const SHOWN_ERROR_BYTES = 400;
const FROM = { mvn: 'maven', javac: 'default-jdk-headless' } as const;
const OUTPUT = resolve(repositoryRoot, 'dist/interop-rocketmq');
const source = (file: string): string => resolve(repositoryRoot, 'test/interop/rocketmq', file);
export const CLASSES = join(OUTPUT, 'classes');

export type Jars = {
  /** Jars only: a class archive wants no directories. */
  classPath(version: string): string;
  readonly directory: string;
};

const digest = (texts: readonly string[]): string =>
  createHash('sha256').update(texts.join('\0')).digest('hex');

/** Does the work unless a stamp says that it was done for the same input, and what it left is still there. */
async function once(
  name: string,
  input: string,
  isThere: () => boolean,
  work: () => Promise<unknown>,
): Promise<void> {
  const stamp = join(OUTPUT, `${name}.stamp`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === input && isThere()) return;
  await work();
  writeFileSync(stamp, input);
}

const classPathFile = (version: string): string => join(OUTPUT, `${version}.classpath`);
const classPath = (version: string): string => readFileSync(classPathFile(version), 'utf8').trim();

async function resolveVersion(version: string): Promise<void> {
  const pom = source('pom.xml');
  const isThere = (): boolean =>
    existsSync(classPathFile(version)) && classPath(version).split(':').every(existsSync);
  await once(version, digest([readFileSync(pom, 'utf8')]), isThere, () => {
    const options = [
      `-Drocketmq=${version}`,
      `-Doutput=${OUTPUT}`,
      `-Dmdep.outputFile=${classPathFile(version)}`,
    ];
    return run('mvn', ['-q', '-B', '-f', pom, ...options, 'dependency:build-classpath'], {
      timeout: RESOLVE_TIMEOUT_MS,
    });
  });
}

async function compile(): Promise<void> {
  const files = readdirSync(source('java')).map((name) => source(join('java', name)));
  const input = digest(files.map((file) => readFileSync(file, 'utf8')));
  const options = ['-nowarn', '-d', CLASSES, '-cp', classPath(VERSIONS.newest)];
  await once(
    'programs',
    input,
    () => existsSync(CLASSES),
    () => run('javac', [...options, ...files]),
  );
}

/** The jars, or what is missing for them. */
export async function findJars(progress: (line: string) => void): Promise<Jars | { readonly why: string }> {
  mkdirSync(OUTPUT, { recursive: true });
  try {
    for (const version of Object.values(VERSIONS)) {
      await resolveVersion(version);
      progress(`RocketMQ ${version}: ${classPath(version).split(':').length} jars`);
    }
    await compile();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    for (const [tool, from] of Object.entries(FROM))
      if (said.includes(`spawn ${tool} ENOENT`))
        return { why: `there is no ${tool} (Debian: apt-get install ${from})` };
    return { why: `RocketMQ's jars could not be had: ${said.slice(-SHOWN_ERROR_BYTES)}` };
  }
  return { classPath, directory: OUTPUT };
}
