import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../src/core/primitives/refusal.ts';
import { tieToTier } from '../../src/main/tier-ties.ts';
import { FakeNode, fakeNode, TOKEN } from '../doors/http/fake-node.ts';
import { recordingLogger } from '../platform/recording-logger.ts';
import { eventually } from '../support/eventually.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-ties-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const SELF = nodeName('node-a');
let untie: () => void = () => undefined;
afterEach(() => untie());

function tie(face: FakeNode, bind: (tierId: string) => Promise<void> = async () => undefined) {
  const seen = { bound: [] as string[], printed: [] as string[], fatal: [] as string[] };
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  untie = tieToTier({
    face,
    node: SELF,
    directoryId: 'directory-1',
    dataDirectory: directory,
    bindTier: (tierId) => {
      seen.bound.push(tierId);
      return bind(tierId);
    },
    candidate: {
      plain: TOKEN,
      isMade: true,
      record: { id: 'token-1', sha256, role: 'operator', createdWallMs: 0 },
    },
    print: (line) => seen.printed.push(line),
    onFatal: (message) => seen.fatal.push(message),
    logger: recordingLogger(),
  });
  return seen;
}

test('once the tier is known, the directory is bound, the token printed once, and the mark left', async () => {
  const face = fakeNode();
  face.current = false;
  const seen = tie(face);
  await eventually('the directory is bound', () => seen.bound.length > 0);
  assert.deepEqual(face.submitted, [], 'a node that may be behind asks for nothing');
  face.current = true;
  await eventually('the mark is left', () => face.store.joined.get(SELF) === 'directory-1');
  assert.deepEqual(seen.bound, ['tier-1']);
  assert.equal(seen.printed.length, 1);
  assert.equal(face.submitted.length, 1);
  assert.deepEqual(seen.fatal, []);
});

test('a mark that is refused is asked for again', async () => {
  const face = fakeNode();
  let refusals = 0;
  const take = face.submit.bind(face);
  face.submit = async (request) => {
    refusals += 1;
    return refusals === 1 ? refused('noLeader', 'not yet') : take(request);
  };
  tie(face);
  await eventually('the mark is left', () => face.store.joined.has(SELF));
  assert.equal(refusals, 2);
});

test('a node that finds the mark of another directory has lost its disk', async () => {
  const face = fakeNode();
  face.store.joined.set(SELF, 'directory-0');
  face.answer = () => accepted({ kind: 'current', index: 1 });
  const seen = tie(face);
  await eventually('it ends', () => seen.fatal.length > 0);
  assert.match(seen.fatal.join(), /node-a has taken part in this tier before/);
  assert.deepEqual(
    face.submitted.map(({ type }) => type),
    ['readBarrier'],
  );
});

test('a node that was let in again finds the mark of its former directory until it has caught up', async () => {
  const face = fakeNode();
  face.store.joined.set(SELF, 'directory-0');
  let looks = 0;
  face.answer = () => {
    looks += 1;
    if (looks === 1) return refused('noLeader', 'not yet');
    face.store.joined.set(SELF, 'directory-1');
    return accepted({ kind: 'current', index: 7 });
  };
  const seen = tie(face);
  await eventually('it has asked twice', () => looks === 2);
  await new Promise((done) => setTimeout(done, 150));
  assert.deepEqual([seen.fatal, looks], [[], 2]);
});

test('a directory of another tier ends the process', async () => {
  const seen = tie(fakeNode(), async () => {
    throw new Error('the directory belongs to tier-0');
  });
  await eventually('it ends', () => seen.fatal.length > 0);
  assert.match(seen.fatal.join(), /belongs to tier-0/);
});

test('without a tier nothing is done', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const face = new FakeNode();
  const seen = tie(face);
  context.mock.timers.tick(10_000);
  assert.deepEqual([seen.bound, seen.printed, face.submitted], [[], [], []]);
  untie();
});
