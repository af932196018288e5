import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfDeath } from '../../../src/core/liveness/death.ts';
import type { Testimony } from '../../../src/core/liveness/testimony.ts';
import { nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';

const SITES = { 'node-a': 'idc-a', 'node-b': 'idc-b', 'node-w': 'witness' } as const;
const VOTERS = Object.entries(SITES).map(([node, site]) => ({ node: nodeName(node), site: siteName(site) }));

/** The master stood in idc-a. */
const kind = (said: Partial<Record<keyof typeof SITES, Omit<Testimony, 'site' | 'detail'>>>): string =>
  kindOfDeath(
    new Map(
      VOTERS.flatMap(({ node, site }) => {
        const word = said[node as keyof typeof SITES];
        return word === undefined ? [] : [[node, { ...word, site, detail: '' }] as const];
      }),
    ),
    VOTERS,
    siteName('idc-a'),
  );

const silent = { verdict: 'dead', ground: 'silence' } as const;
const refused = { verdict: 'dead', ground: 'refusal' } as const;

test('another process met by one node has ended the reign', () => {
  assert.equal(
    kind({ 'node-b': { verdict: 'dead', ground: 'otherProcess' }, 'node-w': silent }),
    'processEnded',
  );
});

test('refused by all who found it dead: the process ended; silence at one: not sure', () => {
  assert.equal(
    kind({ 'node-a': refused, 'node-b': refused, 'node-w': { verdict: 'abstain' } }),
    'processEnded',
  );
  assert.equal(kind({ 'node-a': refused, 'node-b': silent }), 'silence');
});

test('a site is lost when nobody there testifies and nobody elsewhere hears it', () => {
  const deaf = { ...silent, brokerSiteHeard: false };
  const witness = { verdict: 'neverReached', brokerSiteHeard: false } as const;
  assert.equal(kind({ 'node-b': deaf, 'node-w': witness }), 'siteLost');
  assert.equal(kind({ 'node-b': deaf, 'node-w': { ...witness, brokerSiteHeard: true } }), 'silence');
  assert.equal(kind({ 'node-a': silent, 'node-b': deaf, 'node-w': witness }), 'silence');
  assert.equal(kind({ 'node-a': silent, 'node-b': silent }), 'silence');
});
