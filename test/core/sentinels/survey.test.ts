import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { accepted } from '../../../src/core/primitives/refusal.ts';
import type { MasterSeen } from '../../../src/core/sentinels/sentinel-port.ts';
import { surveyMaster } from '../../../src/core/sentinels/survey.ts';
import { FakeSentinels } from './fake-sentinels.ts';

const FIRST = '10.0.0.1:26379';

async function survey(sentinels: FakeSentinels, sentinel = FIRST, master = 'orders') {
  const surveyed = await surveyMaster(sentinels, sentinel, master);
  assert.ok(surveyed.ok, surveyed.ok ? '' : surveyed.refusal.message);
  return surveyed.value;
}

test('every Sentinel is asked once, the one that was named first', async () => {
  const sentinels = new FakeSentinels();
  const { seen, unheard } = await survey(sentinels);
  assert.deepEqual(
    seen.map(({ sentinel }) => sentinel.address),
    ['10.0.0.1:26379', '10.0.0.2:26379', '10.0.0.3:26379'],
  );
  assert.deepEqual([unheard, sentinels.looks], [[], 3]);
});

test('one that only another one knows is found, and one that goes by two addresses is one', async () => {
  const sentinels = new FakeSentinels(4);
  const { look } = sentinels;
  // The first knows the second alone, and the second knows the first by another address.
  const partial = Object.assign(sentinels, {
    look: async (address: string, master: string) => {
      const looked = await look.call(sentinels, address, master);
      if (!looked.ok) return looked;
      const others =
        address === FIRST
          ? looked.value.others.slice(0, 1)
          : looked.value.others.map((other) =>
              other.address === FIRST ? { ...other, address: 'sentinel-1:26379' } : other,
            );
      return accepted<MasterSeen>({ ...looked.value, others });
    },
  });
  const { seen, unheard } = await survey(partial);
  assert.deepEqual([seen.length, unheard, sentinels.looks], [4, [], 4]);
});

test('one that does not answer is told, one that watches the master no more is left out', async () => {
  const sentinels = new FakeSentinels();
  sentinels.of(2).isUp = false;
  sentinels.of(3).word = null;
  const { seen, unheard } = await survey(sentinels);
  assert.equal(seen.length, 1);
  assert.deepEqual(
    unheard.map(({ address }) => address),
    ['10.0.0.2:26379'],
  );
});

test('another Sentinel at the address of a known one is not taken for it', async () => {
  const sentinels = new FakeSentinels();
  const { look } = sentinels;
  Object.assign(sentinels, {
    look: async (address: string, master: string) => {
      const looked = await look.call(sentinels, address, master);
      if (!looked.ok || address !== '10.0.0.2:26379') return looked;
      return accepted({ ...looked.value, sentinel: { ...looked.value.sentinel, id: 'f'.repeat(40) } });
    },
  });
  const { seen, unheard } = await survey(sentinels);
  assert.equal(seen.length, 2);
  assert.match(unheard[0]?.why ?? '', /Sentinel f+ answers there, not 2+/);
});

test('Sentinels that lead on and on are not followed for ever', async () => {
  const chain = new FakeSentinels(1);
  const first = await chain.look(FIRST, 'orders');
  assert.ok(first.ok);
  const seenAt = (number: number) => ({
    address: `10.7.0.${number}:26379`,
    id: String(number).padStart(40, '0'),
  });
  const numberOf = (address: string): number => (address === FIRST ? 0 : Number(address.split(/[.:]/)[3]));
  Object.assign(chain, {
    look: async (address: string) => {
      const number = numberOf(address);
      const sentinel = number === 0 ? first.value.sentinel : seenAt(number);
      return accepted<MasterSeen>({ ...first.value, sentinel, others: [seenAt(number + 1)] });
    },
  });
  const surveyed = await surveyMaster(chain, FIRST, 'orders');
  assert.equal(surveyed.ok || surveyed.refusal.code, 'busy');
});

test('refused: no such master, no such Sentinel, more Sentinels than anybody has', async () => {
  const codeOf = async (sentinels: FakeSentinels, sentinel = FIRST, master = 'orders') => {
    const surveyed = await surveyMaster(sentinels, sentinel, master);
    return surveyed.ok ? 'accepted' : surveyed.refusal.code;
  };
  assert.equal(await codeOf(new FakeSentinels(), FIRST, 'stock'), 'unknownMaster');
  assert.equal(await codeOf(new FakeSentinels(), '10.9.9.9:26379'), 'brokerUnreachable');
  const crowd = new FakeSentinels(1);
  const [first] = [await crowd.look(FIRST, 'orders')];
  assert.ok(first.ok);
  const many = Array.from({ length: LIMITS.sentinelsPerMaster }, (_, number) => ({
    address: `10.7.0.${number}:26379`,
    id: String(number).padStart(40, '0'),
  }));
  Object.assign(crowd, { look: async () => accepted({ ...first.value, others: many }) });
  assert.equal(await codeOf(crowd), 'limitReached');
});
