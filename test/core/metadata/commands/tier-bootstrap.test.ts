import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from '../../../../src/core/primitives/assert.ts';
import { nodeName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { bootstrap, Ledger } from '../ledger.ts';

const firstMember = must(bootstrap.members[0], 'a tier has nodes');

test('a tier is bootstrapped once', () => {
  const ledger = new Ledger().accept(bootstrap);
  assert.equal(ledger.store.tierId, 'tier-1');
  assert.equal(ledger.store.sites.get(siteName('witness'))?.kind, 'witness');
  assert.equal(ledger.store.members.size, 3);
  assert.deepEqual([...ledger.store.tokens.keys()], ['first']);
  ledger.refuse({ ...bootstrap, tierId: 'tier-2' }, 'duplicateName', 'tierId');
});

test('a node stands at a declared site, and no name is given twice', () => {
  const ledger = new Ledger();
  const [first, ...others] = bootstrap.members;
  assert.ok(first);
  const astray = { ...first, site: siteName('idc-c') };
  ledger.refuse({ ...bootstrap, members: [...others, astray] }, 'unknownSite', 'members.2.site');
  ledger.refuse({ ...bootstrap, members: [first, first] }, 'duplicateName', 'members');
  ledger.refuse({ ...bootstrap, sites: [...bootstrap.sites, ...bootstrap.sites] }, 'duplicateName', 'sites');
});

test('sites and nodes are limited', () => {
  const sites = Array.from({ length: LIMITS.sites + 1 }, (_, number) => ({
    name: siteName(`site-${number}`),
    kind: 'idc' as const,
  }));
  const members = Array.from({ length: LIMITS.tierMembers + 1 }, (_, number) => ({
    ...firstMember,
    name: nodeName(`node-${number}`),
  }));
  new Ledger().refuse({ ...bootstrap, sites }, 'limitReached', 'sites');
  new Ledger().refuse({ ...bootstrap, members }, 'limitReached', 'members');
});
