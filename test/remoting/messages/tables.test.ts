import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { listOf, numberTableOf, tableOf } from '../../../src/remoting/messages/tables.ts';
import { parseJson } from '../../../src/remoting/parse.ts';
import { damageIn, valueIn } from './read-message.ts';

const text = z.string('a text');

describe('tables and lists', () => {
  it('are empty where they are absent or null', () => {
    const all = z.object({ table: tableOf(text), numbers: numberTableOf(text), list: listOf(text) });
    const empty = { table: new Map(), numbers: new Map(), list: [] };
    assert.deepEqual(valueIn(parseJson(all, {})), empty);
    assert.deepEqual(valueIn(parseJson(all, { table: null, numbers: null, list: null })), empty);
  });

  it('keep names that an object has of its own', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '1', '0'];
    const table = new Map(names.map((name) => [name, name]));
    assert.deepEqual(valueIn(parseJson(tableOf(text), Object.fromEntries(table))), table);
  });

  it('say where the first wrong member is, and no more', () => {
    const inner = z.object({ a: tableOf(z.object({ b: listOf(text) })) });
    assert.equal(
      damageIn(parseJson(inner, { a: { x: { b: ['1', 2, 3] } } })),
      'expected a.x.b.1: a text, found 2',
    );
    const parsed = listOf(text).safeParse(Array.from({ length: 100_000 }, () => 1));
    assert.equal(parsed.error?.issues.length, 1);
    const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`t${at}`, 1]));
    assert.equal(tableOf(text).safeParse(members).error?.issues.length, 1);
  });

  it('are refused where they are something else, or too long', () => {
    assert.equal(damageIn(parseJson(tableOf(text), [])), 'expected a table, found a list of 0');
    assert.equal(damageIn(parseJson(tableOf(text), 'x')), 'expected a table, found "x"');
    assert.equal(damageIn(parseJson(listOf(text), {})), 'expected a list, found an object');
    assert.equal(
      damageIn(parseJson(listOf(text, 1), ['a', 'b'])),
      'expected a list of at most 1, found a list of 2',
    );
    assert.equal(
      damageIn(parseJson(numberTableOf(text), { x: 'a' })),
      'expected x: a whole number as key, found "a"',
    );
  });
});
