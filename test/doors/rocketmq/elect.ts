/** Elections at a node of one, as its leader would commit them. */
import { groupName } from '../../../src/core/primitives/identifiers.ts';
import { type FakeNode, must } from '../http/fake-node.ts';

/** The first ever begins a set; a later one may be of anybody. */
export function elect(node: FakeNode, name: string, master: number, masterEpoch: number): void {
  const isFirst = masterEpoch === 1;
  must(
    node.apply({
      type: 'brokerSet.elect',
      name: groupName(name),
      expectedMasterEpoch: masterEpoch - 1,
      masterEpoch,
      master,
      reason: isFirst ? 'firstMaster' : 'masterLost',
      unsafe: !isFirst,
      recordId: `${name}-${masterEpoch}`,
      by: 'test',
      detail: '',
      evidence: [],
      candidates: [],
      predictedLossBytes: null,
      wallMs: 1,
    }),
  );
}
