/**
 * What is held against a row. It knows nothing of pollux but the promise: what the SDK called acknowledged is on the
 * servers, at most one epoch of a group takes writes, and in the end the group is whole.
 */
import type { Acknowledgement } from './client-messages.ts';

/**
 * Acknowledgements under an epoch that began after a later epoch had acknowledged: two masters took writes at once.
 * A write under way while the reign changes may be acknowledged late; one that began later may not.
 */
export function lateAcknowledgements(acknowledged: readonly Acknowledgement[]): string[] {
  const late: string[] = [];
  const groups = new Set(acknowledged.map(([, group]) => group));
  for (const group of groups) {
    const own = acknowledged.filter(([, of]) => of === group);
    const firstKnownMs = new Map<number, number>();
    for (const [, , epoch, , knownMs] of own)
      firstKnownMs.set(epoch, Math.min(firstKnownMs.get(epoch) ?? Number.POSITIVE_INFINITY, knownMs));
    for (const [id, , epoch, sentMs] of own) {
      for (const [later, knownMs] of firstKnownMs)
        if (later > epoch && knownMs < sentMs)
          late.push(
            `${id} was acknowledged in epoch ${epoch} and sent ${Math.round(sentMs - knownMs)} ms after epoch ${later} took writes`,
          );
    }
  }
  return late;
}
