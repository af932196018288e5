/**
 * A node takes part under its name from now on, with one data directory. A node that comes back with another one has
 * lost what it promised (votes, entries it acknowledged), and this mark is how the tier knows. A replacement moves the
 * mark: it is committed while the node is silent, hence by a majority without it, which then holds all that it forgot.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { nodeNameSchema, recordIdSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type MemberJoin = Extract<Command, { type: 'member.join' }>;

export const memberJoinSchema = z.strictObject({
  type: z.literal('member.join'),
  node: nodeNameSchema,
  directoryId: recordIdSchema,
  isReplacement: z.literal(true).optional(),
}) satisfies z.ZodType<MemberJoin>;

/** Accepted again for the same directory, so that a node that never heard the answer may ask once more. */
export function memberJoin(
  store: MutableMetadata,
  { node, directoryId, isReplacement }: MemberJoin,
): Result<null> {
  if (!store.members.has(node)) {
    return refused('invalidRequest', `${node} is not a node of this tier.`, {
      field: 'node',
      expected: [...store.members.keys()].join(', '),
    });
  }
  const known = store.joined.get(node);
  if (known !== undefined && known !== directoryId && isReplacement !== true) {
    return refused('duplicateName', `${node} has taken part with another data directory before.`, {
      field: 'directoryId',
    });
  }
  store.joined.set(node, directoryId);
  return accepted(null);
}
