/** First command of a tier: who it is, where its nodes stand, and the first operator token. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { operatorTokenSchema, recordIdSchema, siteSchema, tierMemberSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type TierBootstrap = Extract<Command, { type: 'tier.bootstrap' }>;

export const tierBootstrapSchema = z.strictObject({
  type: z.literal('tier.bootstrap'),
  tierId: recordIdSchema,
  sites: z.array(siteSchema).min(1),
  members: z.array(tierMemberSchema).min(1),
  token: operatorTokenSchema,
}) satisfies z.ZodType<TierBootstrap>;

export function tierBootstrap(store: MutableMetadata, command: TierBootstrap): Result<null> {
  if (store.tierId !== null)
    return refused('duplicateName', `This tier is ${store.tierId} already.`, { field: 'tierId' });
  if (command.sites.length > LIMITS.sites) {
    return refused('limitReached', `A tier has at most ${LIMITS.sites} sites.`, { field: 'sites' });
  }
  if (command.members.length > LIMITS.tierMembers) {
    return refused('limitReached', `A tier has at most ${LIMITS.tierMembers} nodes.`, { field: 'members' });
  }
  const sites = new Map(command.sites.map((site) => [site.name, site]));
  if (sites.size < command.sites.length)
    return refused('duplicateName', 'A site is named twice.', { field: 'sites' });
  const members = new Map(command.members.map((member) => [member.name, member]));
  if (members.size < command.members.length) {
    return refused('duplicateName', 'A node is named twice.', { field: 'members' });
  }
  for (const [position, member] of command.members.entries()) {
    if (!sites.has(member.site)) {
      return refused('unknownSite', `Node ${member.name} stands at ${member.site}, which is not declared.`, {
        field: `members.${position}.site`,
        expected: [...sites.keys()].join(', '),
      });
    }
  }
  store.tierId = command.tierId;
  store.sites = sites;
  store.members = members;
  store.tokens.set(command.token.id, command.token);
  return accepted(null);
}
