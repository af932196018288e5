/** A plan that is not fit as a refusal: the first finding gives the code and the field, the sentence holds all of them. */
import { type RefusalCode, refused } from '../primitives/refusal.ts';
import type { GroupDeclaration, GroupPlan } from './requests.ts';

export function refusalOfPlan(declaration: GroupDeclaration, { problems }: GroupPlan) {
  const [first] = problems;
  const where = declaration.replicas.findIndex(({ id }) => id === first?.replica);
  const found = problems.map(({ replica, message }) => `${replica ?? declaration.name}: ${message}`);
  return refused(
    codeOf(first?.code),
    `${found.join('; ')}. Nothing was changed; look again with --plan.`,
    where < 0
      ? { field: 'replicas' }
      : { field: `replicas.${where}.endpoints.client`, expected: 'a server that preflight finds fit' },
  );
}

function codeOf(finding: string | undefined): RefusalCode {
  switch (finding) {
    case 'unreachable':
      return 'brokerUnreachable';
    case 'notLeader':
    case 'brokerRefused':
    case 'replicaInOtherGroup':
      return finding;
    default:
      return 'preflightFailed';
  }
}
