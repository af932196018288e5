/** The context of a node that leads, over a state that a test holds in its hand: for rules that need no whole tier. */
import { createAlertBoard } from '../../../src/core/coordinator/alert-board.ts';
import { Context } from '../../../src/core/coordinator/context.ts';
import { createSteeringDesk } from '../../../src/core/coordinator/steering-desk.ts';
import { createVantages } from '../../../src/core/coordinator/vantages.ts';
import { EvidenceBook } from '../../../src/core/liveness/evidence.ts';
import type { MetadataState } from '../../../src/core/metadata/state.ts';
import { nodeName, siteName, term } from '../../../src/core/primitives/identifiers.ts';

const self = nodeName('pollux-a');
const site = siteName('idc-a');

export const leadingContext = (state: () => MetadataState): Context =>
  new Context(
    {
      self,
      site,
      voters: [{ node: self, site }],
      bootstrap: {
        tierId: 'tier-1',
        sites: [],
        members: [],
        token: { id: 'token-1', sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 0 },
      },
      idPrefix: 'test',
      probeIntervalMs: 100,
    },
    state,
    {
      book: new EvidenceBook(),
      desk: createSteeringDesk,
      alerts: createAlertBoard(),
      vantages: createVantages(),
    },
    { term: term(1), leader: self, leading: true, leaseUntilMs: Number.POSITIVE_INFINITY },
  );
