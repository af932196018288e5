import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Testimony } from '../../../src/core/liveness/testimony.ts';
import { judge, type Voter } from '../../../src/core/liveness/verdict.ts';
import { type NodeName, nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';

const [IN_A, IN_B, WITNESS] = ['idc-a', 'idc-b', 'witness'].map(siteName) as [
  Voter['site'],
  Voter['site'],
  Voter['site'],
];
const [a, b, w] = ['node-a', 'node-b', 'node-w'].map(nodeName) as [NodeName, NodeName, NodeName];
const voters: Voter[] = [
  { node: a, site: IN_A },
  { node: b, site: IN_B },
  { node: w, site: WITNESS },
];
type Word = Testimony['verdict'] | 'siteLost' | 'siteHeard';
const testimonyOf = (site: Voter['site'], word: Word): Testimony => {
  if (word === 'siteLost') return { site, verdict: 'neverReached', detail: '', brokerSiteHeard: false };
  if (word === 'siteHeard') return { site, verdict: 'neverReached', detail: '', brokerSiteHeard: true };
  return { site, verdict: word, detail: '' };
};
/** The broker stands in idc-a. */
const verdict = (words: Partial<Record<string, Word>>, among: readonly Voter[] = voters) => {
  const testimonies = new Map<NodeName, Testimony>();
  for (const { node, site } of among) {
    const word = words[node];
    if (word !== undefined) testimonies.set(node, testimonyOf(site, word));
  }
  return judge(testimonies, among, IN_A);
};

test('a majority of all voters from two sites', () => {
  assert.equal(verdict({ [a]: 'dead' }), 'undecided');
  assert.equal(verdict({ [a]: 'dead', [b]: 'dead' }), 'dead');
  assert.equal(verdict({ [b]: 'dead', [w]: 'dead' }), 'dead');
  assert.equal(verdict({ [a]: 'dead', [b]: 'alive' }), 'undecided');
  assert.equal(verdict({ [a]: 'dead', [b]: 'alive', [w]: 'abstain' }), 'notDead');
  assert.equal(verdict({ [a]: 'alive', [b]: 'alive' }), 'notDead');
});

test('a majority within one site is none', () => {
  const crowded: Voter[] = [
    { node: a, site: IN_A },
    { node: b, site: IN_A },
    { node: w, site: WITNESS },
  ];
  assert.equal(verdict({ [a]: 'dead', [b]: 'dead' }, crowded), 'undecided');
  assert.equal(verdict({ [a]: 'dead', [b]: 'dead', [w]: 'alive' }, crowded), 'notDead');
  assert.equal(verdict({ [a]: 'dead', [w]: 'dead' }, crowded), 'dead');
});

test('an IDC that is gone is given up by the other and a witness that never reached its brokers', () => {
  assert.equal(verdict({ [b]: 'dead', [w]: 'siteLost' }), 'dead');
});

test('a broken line between the IDCs condemns nobody, and neither does a witness on its own', () => {
  assert.equal(verdict({ [b]: 'dead', [w]: 'siteHeard' }), 'undecided');
  assert.equal(verdict({ [a]: 'alive', [b]: 'dead', [w]: 'siteHeard' }), 'notDead');
  assert.equal(
    verdict({ [a]: 'alive', [b]: 'dead', [w]: 'siteLost' }),
    'notDead',
    'node-a was heard after all',
  );
  assert.equal(verdict({ [b]: 'abstain', [w]: 'siteLost' }), 'undecided');
  assert.equal(verdict({ [a]: 'abstain', [b]: 'abstain', [w]: 'siteLost' }), 'notDead');
  const witnesses: Voter[] = [
    ...voters,
    { node: nodeName('node-w2'), site: siteName('witness-2') },
    { node: nodeName('node-w3'), site: WITNESS },
  ];
  const lost = { [w]: 'siteLost', 'node-w2': 'siteLost', 'node-w3': 'siteLost', [b]: 'abstain' } as const;
  assert.equal(verdict(lost, witnesses), 'undecided', 'nobody who reached the broker has found it dead');
});

test('a verdict, once reached, is not overturned by voters that answer later', () => {
  const words: Word[] = ['dead', 'alive', 'abstain', 'siteHeard'];
  fc.assert(
    fc.property(
      fc.tuple(...voters.map(() => fc.constantFrom(...words))),
      fc.shuffledSubarray([a, b, w]),
      (said, order) => {
        const known: Record<string, Word> = {};
        let settled: string | null = null;
        for (const node of order) {
          known[node] = said[voters.findIndex((voter) => voter.node === node)] ?? 'abstain';
          const now = verdict(known);
          if (settled !== null) assert.equal(now, settled);
          if (now !== 'undecided') settled = now;
        }
        if (order.length === 3) assert.notEqual(settled, null);
      },
    ),
  );
});

test('strangers are not counted', () => {
  const testimonies = new Map([
    [a, testimonyOf(IN_A, 'dead')],
    [nodeName('stranger'), testimonyOf(IN_B, 'dead')],
  ]);
  assert.equal(judge(testimonies, voters, IN_A), 'undecided');
});
