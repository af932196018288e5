import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { requesterSite } from '../../../src/doors/rocketmq/requester-site.ts';
import { fakeNode } from '../http/fake-node.ts';

describe('requesterSite', () => {
  const state = fakeNode().state();
  const cases: readonly (readonly [
    what: string,
    zone: string | null,
    byAddress: string | null,
    site: string | null,
  ])[] = [
    ['goes by the zone before the address', 'idc-a', 'idc-b', 'idc-a'],
    ['takes a zone whatever its case', 'IDC-A', null, 'idc-a'],
    ['goes by the address where the zone is no IDC', 'west', 'idc-b', 'idc-b'],
    ['does not take the witness for an IDC', 'witness', null, null],
    ['does not take the witness for an IDC by its address', null, 'witness', null],
    ['knows nothing of who says nothing', null, null, null],
  ];
  for (const [what, zone, byAddress, site] of cases) {
    it(what, () => {
      assert.equal(requesterSite(state, zone, byAddress === null ? null : siteName(byAddress)), site);
    });
  }
});
