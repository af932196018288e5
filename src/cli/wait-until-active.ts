/** Follows a group that was just declared until it has an active master, saying each phase as it comes. */
import { setTimeout as pause } from 'node:timers/promises';
import type { GroupDetail } from '../contract/groups.ts';
import type { AdminFailure } from '../sdk/admin-client.ts';
import type { Invocation } from './register.ts';
import { isServing, phaseText } from './words.ts';

const POLL_MS = 200;

export type Waited =
  | { readonly kind: 'active'; readonly group: GroupDetail }
  /** The time is over; the group as it was last seen. */
  | { readonly kind: 'late'; readonly group: GroupDetail | null; readonly failure: AdminFailure | null };

/** A node that does not answer for a moment is no reason to give up: the group goes on by itself. */
export async function waitUntilActive(
  { client, cluster, progress }: Invocation,
  name: string,
  timeoutMs: number,
): Promise<Waited> {
  const deadline = performance.now() + timeoutMs;
  let group: GroupDetail | null = null;
  let failure: AdminFailure | null = null;
  let shown = '';
  for (;;) {
    const answer = await client.call('groupGet', { parameters: { group: name }, query: { cluster } });
    if (answer.ok) {
      group = answer.value;
      failure = null;
      if (isServing(group)) return { kind: 'active', group };
      const state = [
        group.phase.kind === 'active' ? 'waiting to be taken in' : phaseText(group.phase),
        ...group.alerts.map(({ message }) => message),
      ].join('; ');
      if (state !== shown) progress.note(`${name}: ${state}`);
      shown = state;
    } else failure = answer.failure;
    if (performance.now() >= deadline) return { kind: 'late', group, failure };
    await pause(POLL_MS);
  }
}
