import assert from 'node:assert/strict';
import { it } from 'node:test';
import { crc32c } from '../../src/platform/crc32c.ts';

it('is the sum of Castagnoli, over any part of the bytes', () => {
  const bytes = Buffer.from('123456789');
  assert.equal(crc32c(bytes, 0, bytes.length), 0xe3069283);
  assert.equal(crc32c(Buffer.from('..123456789.'), 2, 11), 0xe3069283);
  assert.equal(crc32c(bytes, 0, 0), 0);
});
