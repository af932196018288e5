/** Another operator token, kept as its hash. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { operatorTokenSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type TokenAdd = Extract<Command, { type: 'token.add' }>;

export const tokenAddSchema = z.strictObject({
  type: z.literal('token.add'),
  token: operatorTokenSchema,
}) satisfies z.ZodType<TokenAdd>;

export function tokenAdd(store: MutableMetadata, { token }: TokenAdd): Result<null> {
  if (store.tokens.has(token.id)) {
    return refused('duplicateName', `Token ${token.id} exists already.`, { field: 'token.id' });
  }
  if (store.tokens.size >= LIMITS.operatorTokens) {
    return refused('limitReached', `The tier holds ${LIMITS.operatorTokens} tokens already.`);
  }
  store.tokens.set(token.id, token);
  return accepted(null);
}
