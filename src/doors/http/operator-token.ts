/**
 * Who may change something, or see what applications wrote: the bearer of a token whose SHA-256 is in the replicated state. Every stored hash is
 * compared in constant time and none is skipped, so that the time taken says nothing about any of them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MetadataState } from '../../core/metadata/state.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';

const REMEDY =
  'Send `Authorization: Bearer <operator token>`; the first start of the tier printed one, and the command line takes it from POLLUX_TOKEN.';

/**
 * Answers the token's id, which goes into records as the author. Refusals: unauthorized, and noLeader while this node
 * has not heard of any token: it has just started, and must not call a good one unknown.
 */
export function authorize(
  tokens: MetadataState['tokens'],
  authorization: string | undefined,
): Result<{ readonly by: string }> {
  const presented = /^Bearer +([^\s]{1,512})$/i.exec(authorization ?? '')?.[1];
  if (presented === undefined) {
    return refused('unauthorized', `This needs an operator token. ${REMEDY}`);
  }
  if (tokens.size === 0) {
    return refused(
      'noLeader',
      'This node does not know the tier yet; nothing was changed. Try again shortly.',
    );
  }
  const hash = createHash('sha256').update(presented, 'utf8').digest();
  let by: string | null = null;
  for (const token of tokens.values()) {
    const stored = Buffer.from(token.sha256, 'hex');
    if (stored.length === hash.length && timingSafeEqual(stored, hash)) by = token.id;
  }
  return by === null
    ? refused('unauthorized', `The operator token is not known to this tier. ${REMEDY}`)
    : accepted({ by });
}
