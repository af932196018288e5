/**
 * Which queue a message goes to. Among the nearest groups that take writes, by hash of the key, or in turn; groups of
 * another IDC only when none of the own takes writes. A key of an ordered topic has one queue over all groups,
 * whoever writes it and wherever, and waits for its group rather than going elsewhere.
 */
import type { RouteAnswer, RouteGroup } from '../contract/routes.ts';
import { accepted, type Result, refused } from '../core/primitives/refusal.ts';

export type QueueChoice = { readonly group: RouteGroup; readonly queue: number };

export type ChoiceInput = {
  readonly route: RouteAnswer;
  readonly key: string | undefined;
  /** Counts the messages without a key. */
  readonly turn: number;
  /** Groups that failed a moment ago: taken only when there is nothing else. */
  readonly avoided: ReadonlySet<string>;
};

/** Refused with noWritableGroup, which may pass, as a group that fails over takes no writes for a while. */
export function chooseQueue({ route, key, turn, avoided }: ChoiceInput): Result<QueueChoice> {
  if (route.near === 'strict' && !route.groups.some((group) => group.near)) {
    return refused(
      'noWritableGroup',
      `Topic ${route.topic} is \`near: strict\` and this client's IDC is not known.`,
      {
        field: 'idc',
        expected: 'the option `idc`, POLLUX_IDC or the file /etc/pollux/idc',
      },
    );
  }
  if (route.order && key !== undefined) return chooseOrdered(route, key);
  const writable = route.groups.filter(
    (group) => group.writable && group.master !== null && group.write !== null,
  );
  const near = writable.filter((group) => group.near);
  const tried = (groups: readonly RouteGroup[]) => groups.filter((group) => !avoided.has(group.group));
  const candidates = [tried(near), tried(writable), near, writable].find((groups) => groups.length > 0) ?? [];
  const choice = pick(candidates, key === undefined ? turn : hashOf(key));
  if (choice === null)
    return refused('noWritableGroup', `No broker group of topic ${route.topic} takes writes now.`);
  return accepted(choice);
}

function chooseOrdered(route: RouteAnswer, key: string): Result<QueueChoice> {
  const groups = [...route.groups].sort((left, right) => (left.group < right.group ? -1 : 1));
  const choice = pick(groups, hashOf(key));
  if (choice?.group.writable === true) return accepted(choice);
  const group = choice === null ? 'no group' : `broker group ${choice.group.group}`;
  return refused(
    'noWritableGroup',
    `Key ${key} of ordered topic ${route.topic} belongs to ${group}, which takes no writes now.`,
  );
}

function pick(groups: readonly RouteGroup[], number: number): QueueChoice | null {
  const total = groups.reduce((sum, group) => sum + group.writeQueues, 0);
  if (total === 0) return null;
  let position = number % total;
  for (const group of groups) {
    if (position < group.writeQueues) return { group, queue: position };
    position -= group.writeQueues;
  }
  return null;
}

/** FNV-1a over UTF-8: quick, and the same in every language that a producer may be written in. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
