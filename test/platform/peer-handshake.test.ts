import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import {
  type Hello,
  isProof,
  objectionTo,
  PEER_REFUSALS,
  proofOf,
  readHello,
  readRefusal,
} from '../../src/platform/peer-handshake.ts';

const hello: Hello = {
  protocolVersion: 1,
  node: nodeName('idc-a-1'),
  to: 'idc-b-1',
  tierId: null,
  instance: 'one life',
  nonce: '0f'.repeat(32),
};
const payloadOf = (body: unknown): Buffer => Buffer.from(`?${JSON.stringify(body)}`);
const hellos = { dialler: payloadOf(hello), acceptor: payloadOf({ ...hello, node: 'idc-b-1' }) };
const proofFrame = (proof: Buffer): Buffer => Buffer.concat([Buffer.from([2]), proof]);

describe('peer handshake', () => {
  it('takes the proof of the same secret, side and hellos only', () => {
    const expected = proofOf('secret', 'dialler', hellos);
    assert.ok(isProof(proofFrame(proofOf('secret', 'dialler', hellos)), expected));
    const others = [
      proofOf('Secret', 'dialler', hellos),
      proofOf('secret', 'acceptor', hellos),
      proofOf('secret', 'dialler', { ...hellos, acceptor: payloadOf({ ...hello, nonce: '00'.repeat(32) }) }),
      proofOf('secret', 'dialler', { dialler: hellos.acceptor, acceptor: hellos.dialler }),
    ];
    for (const other of others) assert.ok(!isProof(proofFrame(other), expected));
  });

  it('cannot be given the same bytes with another boundary between the hellos', () => {
    const [one, other] = [Buffer.from('ab'), Buffer.from('c')];
    const moved = { dialler: Buffer.from('a'), acceptor: Buffer.from('bc') };
    const proof = proofOf('secret', 'dialler', { dialler: one, acceptor: other });
    assert.notDeepEqual(proof, proofOf('secret', 'dialler', moved));
  });

  it('takes no proof of another length', () => {
    const expected = proofOf('secret', 'dialler', hellos);
    assert.ok(!isProof(proofFrame(expected.subarray(0, 31)), expected));
    assert.ok(!isProof(Buffer.alloc(0), expected));
  });

  it('reads back a hello, and nothing that is none', () => {
    assert.deepEqual(readHello(hellos.dialler), hello);
    const strange = [
      {},
      null,
      { ...hello, node: '' },
      { ...hello, node: 'a/b' },
      { ...hello, nonce: 'short' },
    ];
    for (const body of strange) assert.equal(readHello(payloadOf(body)), null);
    assert.equal(readHello(Buffer.from('?{')), null);
  });

  it('reads back every refusal, and nothing that is none', () => {
    for (const code of Object.keys(PEER_REFUSALS)) assert.equal(readRefusal(payloadOf({ code })), code);
    assert.equal(readRefusal(payloadOf({ code: 'toString' })), null);
    assert.equal(readRefusal(Buffer.from('?')), null);
  });

  const other = { ...hello, node: nodeName('idc-b-1') };
  const objections: readonly (readonly [string, Hello, Hello, string | null])[] = [
    ['nothing against a peer', hello, other, null],
    ['another version', hello, { ...other, protocolVersion: 2 }, 'protocolVersion'],
    ['its own name', hello, { ...hello, instance: 'another' }, 'duplicateName'],
    ['another tier', { ...hello, tierId: 'x' }, { ...other, tierId: 'y' }, 'otherTier'],
    ['nothing against a newcomer', { ...hello, tierId: 'x' }, other, null],
    ['nothing against the first tier it meets', hello, { ...other, tierId: 'y' }, null],
    ['nothing against its own tier', { ...hello, tierId: 'x' }, { ...other, tierId: 'x' }, null],
  ];
  for (const [what, own, theirs, objection] of objections) {
    it(`holds ${what}`, () => assert.equal(objectionTo(own, theirs), objection));
  }
});
