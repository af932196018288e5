/** The clients of the table, as they are published: none of them is changed, and each has its defaults but for what it says. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { repositoryRoot } from '../../support/repository.ts';
import { type Client, type Found, found, missing, nodeProgram, sourceFile } from './client.ts';
import { JAVA_CLIENTS } from './java-clients.ts';

const run = promisify(execFile);

const manifestSchema = z.object({ version: z.string() });

async function ofPackage(name: string): Promise<Found> {
  const file = resolve(repositoryRoot, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return missing(`the package ${name} is not installed (npm ci)`);
  return found(manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version);
}

async function printed(line: readonly string[], otherwise: string): Promise<Found> {
  try {
    const [program = '', ...parameters] = line;
    const { stdout } = await run(program, parameters);
    return found(/\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim());
  } catch {
    return missing(otherwise);
  }
}

/** Debian's own, before any other that stands in front of it on the path. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

export const CLIENTS: readonly Client[] = [
  {
    name: 'ioredis',
    options: '',
    find: () => ofPackage('ioredis'),
    program: nodeProgram('ioredis-writer'),
  },
  {
    name: 'ioredis-detector',
    options:
      '`failoverDetector: true`; connects again on `end`, for a switch heard while it reconnects ends it',
    find: () => ofPackage('ioredis'),
    program: [...nodeProgram('ioredis-writer'), '--detector'],
  },
  {
    name: 'node-redis',
    options: '',
    find: () => ofPackage('redis'),
    program: nodeProgram('node-redis-writer'),
  },
  {
    name: 'BullMQ',
    options: 'short lock and stall times; WAIT after each add',
    find: () => ofPackage('bullmq'),
    program: nodeProgram('bullmq-queue'),
    isQueue: true,
  },
  {
    name: 'redis-cli',
    options: 'under `timeout 1`',
    find: () =>
      printed(['redis-cli', '--version'], 'there is no redis-cli (Debian: apt-get install redis-tools)'),
    program: ['bash', sourceFile('programs/redis-cli-writer.sh')],
  },
  {
    name: 'redis-py',
    options: '`socket_timeout=1` (without it: none)',
    find: () =>
      printed(
        [PYTHON, '-c', 'import redis; print(redis.__version__)'],
        "there is no redis-py in Debian's Python (apt-get install python3-redis)",
      ),
    program: [PYTHON, sourceFile('programs/redis_py_writer.py')],
  },
  ...JAVA_CLIENTS,
];
