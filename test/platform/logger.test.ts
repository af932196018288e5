import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createLogger, createLoggerOn } from '../../src/platform/logger.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function linesOf(
  write: (logger: ReturnType<typeof createLoggerOn>) => void,
  level: 'debug' | 'warn' = 'debug',
) {
  const lines: string[] = [];
  write(createLoggerOn({ write: (line) => lines.push(line) }, { level, node: 'idc-a-1' }));
  return lines.map((line) => JSON.parse(line));
}

describe('logger', () => {
  it('writes one JSON object a line, with level, time and node', () => {
    const [line] = linesOf((logger) => logger.warn({ peer: 'idc-b-1', index: 12 }, 'a peer is gone'));
    const { time, ...rest } = line;
    assert.deepEqual(rest, {
      level: 'warn',
      node: 'idc-a-1',
      peer: 'idc-b-1',
      index: 12,
      msg: 'a peer is gone',
    });
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  });

  it('keeps to its level', () => {
    const lines = linesOf((logger) => {
      logger.debug({}, 'a');
      logger.info({}, 'b');
      logger.warn({}, 'c');
      logger.error({}, 'd');
    }, 'warn');
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['c', 'd'],
    );
  });

  it('shows an error with its stack', () => {
    const [line] = linesOf((logger) => logger.error({ err: new Error('torn') }, 'this node has to end'));
    assert.equal(line.err.message, 'torn');
    assert.match(line.err.stack, /logger\.test/);
  });

  it('hides what is called like a secret, at any of the depths that we log', () => {
    const [line] = linesOf((logger) =>
      logger.info(
        {
          password: 'hunter2',
          redis: { password: 'hunter2', user: 'pollux' },
          request: { headers: { authorization: 'Bearer hunter2' }, options: { tls: { secret: 'hunter2' } } },
          token: 'hunter2',
        },
        'connected',
      ),
    );
    assert.equal(JSON.stringify(line).includes('hunter2'), false);
    assert.equal(line.redis.user, 'pollux');
    assert.equal(line.request.options.tls.secret, '[hidden]');
  });

  it('appends to a file, at once', () => {
    const directory = temporaryDirectory();
    try {
      const path = join(directory.path, 'node.log');
      const options = { level: 'info', node: 'idc-a-1', to: { kind: 'file', path } } as const;
      createLogger(options).info({}, 'first life');
      createLogger(options).info({}, 'second life');
      const lines = readFileSync(path, 'utf8').trim().split('\n');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).msg),
        ['first life', 'second life'],
      );
    } finally {
      directory.remove();
    }
  });
});
