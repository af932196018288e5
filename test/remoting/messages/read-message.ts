/** What the tests of messages share: values out of what was read, and the reason where it was not. */
import assert from 'node:assert/strict';
import { damageText, type Read } from '../../../src/remoting/damage.ts';
import type { Fields } from '../../../src/remoting/remoting-command.ts';

export function valueIn<Value>(result: Read<Value>): Value {
  assert.ok(result.kind === 'read', result.kind === 'damaged' ? damageText(result.damage) : '');
  return result.value;
}

export const damageIn = (result: Read<unknown>): string =>
  result.kind === 'damaged' ? damageText(result.damage) : 'none';

export const fieldsIn = (json: Readonly<Record<string, string>>): Fields => new Map(Object.entries(json));
