/** The programs in Java: built once, with the libraries that their pom.xml names, from Maven Central. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../support/repository.ts';
import { type Client, type Found, found, missing, sourceFile } from './client.ts';

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 240_000;
const OUTPUT = resolve(repositoryRoot, 'dist/interop-java');

let built: Promise<string | null> | null = null;

/** Null once they are built; else what is missing. */
async function build(): Promise<string | null> {
  for (const [tool, flag, from] of [
    ['javac', '-version', 'default-jdk-headless'],
    ['mvn', '-version', 'maven'],
  ] as const) {
    try {
      await run(tool, [flag]);
    } catch {
      return `there is no ${tool} (Debian: apt-get install ${from})`;
    }
  }
  const goals = ['compile', 'dependency:copy-dependencies', `-DoutputDirectory=${join(OUTPUT, 'lib')}`];
  try {
    await run('mvn', ['-q', '-B', '-f', sourceFile('java/pom.xml'), `-Doutput=${OUTPUT}`, ...goals], {
      timeout: BUILD_TIMEOUT_MS,
    });
    return null;
  } catch (error) {
    return `Maven could not build it: ${(error instanceof Error ? error.message : String(error)).slice(-400)}`;
  }
}

async function findJava(artifact: string): Promise<Found> {
  built ??= build();
  const why = await built;
  if (why !== null) return missing(why);
  const jar = (await readdir(join(OUTPUT, 'lib'))).find((name) => name.startsWith(`${artifact}-`));
  return jar === undefined
    ? missing(`Maven left no ${artifact}`)
    : found(jar.slice(artifact.length + 1, -'.jar'.length));
}

/** Without the second compiler: a program of few seconds has no use for it, and it would take a core. */
const program = (main: string): readonly string[] => [
  ...['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'],
  ...['-cp', `${join(OUTPUT, 'classes')}:${join(OUTPUT, 'lib', '*')}`, main],
];

export const JAVA_CLIENTS: readonly Client[] = [
  { name: 'Jedis', options: '', find: () => findJava('jedis'), program: program('JedisWriter') },
  {
    name: 'Lettuce',
    options: 'a timeout of 1 s a command (without it: a minute)',
    find: () => findJava('lettuce-core'),
    program: program('LettuceWriter'),
  },
];
