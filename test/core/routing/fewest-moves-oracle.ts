/**
 * Fewest queues that have to leave a previous owner so that `seats` share them out evenly, found by trying every
 * assignment. Shares no code with what it judges; for a handful of queues only.
 */
export function fewestMoves(
  previousOwners: readonly (string | undefined)[],
  seats: readonly string[],
): number {
  const assignments = seats.length ** previousOwners.length;
  let fewest = Number.POSITIVE_INFINITY;
  for (let number = 0; number < assignments; number += 1) {
    const counts = seats.map(() => 0);
    let moves = 0;
    let rest = number;
    for (const owner of previousOwners) {
      const seat = rest % seats.length;
      rest = Math.floor(rest / seats.length);
      counts[seat] = (counts[seat] ?? 0) + 1;
      if (owner !== undefined && owner !== seats[seat]) moves += 1;
    }
    if (Math.max(...counts) - Math.min(...counts) <= 1) fewest = Math.min(fewest, moves);
  }
  return fewest;
}
