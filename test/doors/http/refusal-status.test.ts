import assert from 'node:assert/strict';
import { it } from 'node:test';
import { REFUSAL_MEANINGS } from '../../../src/core/primitives/refusal.ts';
import { REFUSAL_STATUS } from '../../../src/doors/http/refusal-status.ts';

it('gives every refusal code an error status, and no code that does not exist', () => {
  assert.deepEqual(Object.keys(REFUSAL_STATUS).sort(), Object.keys(REFUSAL_MEANINGS).sort());
  for (const [code, status] of Object.entries(REFUSAL_STATUS)) assert.ok(status >= 400 && status < 600, code);
});
