import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, NODES } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

test('a leader that reaches no broker gives its place to a node that does', () => {
  const tier = adoptedGroup();
  const blind = tier.leader;
  for (const id of [M, A2, B1]) tier.servers.of(id).unreachableFrom.add(blind);
  tier.until(() => tier.tier.leader() !== null && tier.leader !== blind, 'another leader', 6_000);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
});

test('a leader that nobody could follow any better stays', () => {
  const tier = adoptedGroup();
  const { leader } = tier;
  const { term } = tier.tier.loop(leader).status(tier.tier.now);
  for (const id of [M, A2, B1]) for (const node of NODES) tier.servers.of(id).unreachableFrom.add(node);
  tier.tier.run(15_000);
  assert.equal(tier.tier.loop(tier.leader).status(tier.tier.now).term, term);
});
