/** How many labels or attributes one object may carry. */
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';

export function checkLabels(labels: Readonly<Record<string, string>>, field: string): Result<null> {
  const count = Object.keys(labels).length;
  return count <= LIMITS.labelsPerObject
    ? accepted(null)
    : refused(
        'limitReached',
        `${count} entries; at most ${LIMITS.labelsPerObject} are kept with one object.`,
        { field },
      );
}
