/**
 * Whether a server may become master although another holds bytes that it lacks, on a branch of the history that it is
 * not on. The better place alone does not say so: a later promotion, given up as well, may have gone on from the
 * other branch, and what was a tail of nobody's then was acknowledged under its rule.
 *
 * Take a write that was acknowledged under a rule of epoch e and that a server read holds. It was still acknowledged
 * when any later promotion was proven, and nothing more is acknowledged under that rule afterwards: so every promotion
 * of a later epoch began with it. Bytes that some promotion later than all rules that the server speaks for did not
 * begin with are therefore nobody's.
 */
import { lastTakenInBy } from './branches.ts';
import type { CountedRead, Coverage } from './coverage.ts';
import { holdsBeginning, type Place, sharedUpTo } from './history-place.ts';

/** The newest epoch of whose rules this server speaks: it may have acknowledged under them, or holds all that was. */
function speaksFor(read: CountedRead, { branches, history }: Coverage): number {
  const { replica, incarnation, report, place } = read;
  const named =
    branches.get(report.lineage) ??
    history.reigns.findLast(({ lineage }) => lineage === report.lineage)?.epoch ??
    lastTakenInBy(history.givenUp, { replica, incarnation })?.epoch ??
    history.reigns.at(-1)?.epoch ??
    0;
  const vouched = [...history.reigns, ...history.givenUp]
    .filter(({ epoch }) => holdsBeginning(place, epoch, history))
    .map(({ epoch }) => epoch - 1);
  return Math.max(named, ...vouched);
}

type Beginning = { readonly epoch: number; readonly place: Place };

/** What each reign and each promotion given up is known to have begun with. */
const beginningsOf = ({ history: { reigns, givenUp } }: Coverage): readonly Beginning[] => [
  ...reigns.map(({ epoch, cut }) => ({ epoch, place: { epoch, offset: cut } })),
  ...givenUp.flatMap(({ epoch, cutEpoch, cut }) =>
    cutEpoch === null ? [] : [{ epoch, place: { epoch: cutEpoch, offset: cut } }],
  ),
];

/** Whether `candidate` holds everything that any server read may hold of what was acknowledged. */
export function leavesNothing(candidate: CountedRead, coverage: Coverage): boolean {
  const { history, counted } = coverage;
  const beginnings = beginningsOf(coverage);
  return counted.every((other) => {
    const shared = sharedUpTo(candidate.place, other.place, history);
    if (shared >= other.place.offset) return true;
    const newest = speaksFor(other, coverage);
    return beginnings.some(
      ({ epoch, place }) => epoch > newest && sharedUpTo(place, other.place, history) <= shared,
    );
  });
}
