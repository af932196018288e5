import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openMarker, readMarker } from '../../src/platform/acknowledged-marker.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

describe('acknowledged marker', () => {
  let directory: TemporaryDirectory;
  let path = '';
  beforeEach(() => {
    directory = temporaryDirectory();
    path = join(directory.path, 'acknowledged');
  });
  afterEach(() => directory.remove());

  it('is missing until it is made', () => {
    assert.equal(readMarker(path), null);
    openMarker(path, 0).close();
    assert.equal(readMarker(path), 0);
  });

  it('says what it was advanced to, while it is open and after', () => {
    const marker = openMarker(path, 3);
    for (const sequence of [4, 5, 2 ** 40 + 1]) {
      marker.advance(sequence);
      assert.equal(readMarker(path), sequence);
    }
    marker.close();
    openMarker(path, 2 ** 40 + 1).close();
    assert.equal(readMarker(path), 2 ** 40 + 1);
  });

  it('is damaged when any bit of it is flipped, or when it is cut', () => {
    openMarker(path, 77).close();
    const sound = readFileSync(path);
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      const flipped = Buffer.from(sound);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, flipped);
      assert.equal(readMarker(path), 'damaged', `bit ${bit}`);
    }
    writeFileSync(path, sound.subarray(0, 15));
    assert.equal(readMarker(path), 'damaged');
  });
});
