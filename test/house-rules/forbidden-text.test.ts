/** Each ban has to catch what it is for, and to let pass what only looks alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findForbidden, isForeignHost } from './forbidden-text.ts';

const join = (...halves: readonly string[]): string => halves.join('');

const caught = {
  code: [
    join('const value: a', 'ny = 1;'),
    join('return value as a', 'ny;'),
    join('const list: Array<a', 'ny> = [];'),
    join('function f(value: a', 'ny) {}'),
    join('// @ts-', 'ignore'),
    join('// biome-', 'ignore lint: no'),
    join('// TO', 'DO later'),
    join('it.sk', "ip('x', () => {});"),
    join("test('x', { sk", 'ip: true }, () => {});'),
    join('describe.on', "ly('x', () => {});"),
  ],
  core: [
    join('const r = Math.ran', 'dom();'),
    join('const now = Date', '.now();'),
    join('set', 'Timeout(f, 1);'),
    join("import fs from 'no", "de:fs';"),
    join('global', 'This.process'),
  ],
  anywhere: [
    join('see /wo', 'rk/main'),
    join('see ../sha', 'red/x'),
    join('as issue ', '2 says'),
    join('safe-', 'failover.md'),
  ],
} as const;

const passed = {
  code: [
    "const policy: WritePolicy = 'any-one';",
    '// stops as any other server does',
    'from any node: each answers',
    'unit.skipBlankLines',
  ],
  core: ['update(now)', 'setTimeoutMs(4)'],
  anywhere: ['src/network/workers', '/home/worker', 'an issue of the day'],
} as const;

for (const place of ['code', 'core', 'anywhere'] as const) {
  test(`what is banned in ${place} is caught`, () => {
    for (const line of caught[place]) assert.equal(findForbidden(place, 'x.ts', line).length, 1, line);
  });
  test(`what is allowed in ${place} passes`, () => {
    for (const line of passed[place]) assert.deepEqual(findForbidden(place, 'x.ts', line), [], line);
  });
}

test('only this machine, documentation and cited pages are hosts that may be named', () => {
  for (const host of ['127.0.0.1', 'localhost', 'node-a', 'broker.example.com', 'redis.io']) {
    assert.equal(isForeignHost(host), false, host);
  }
  for (const host of [join('registry', '.npmjs.org'), 'build.corp.internal']) {
    assert.equal(isForeignHost(host), true, host);
  }
});
