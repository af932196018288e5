/**
 * Says where masters are to stand when all is well, for the tier or for one group, and whether they are brought back by
 * themselves. There is one rule a scope; null takes it away.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import { hostsReplica } from '../drill-queries.ts';
import { returnRuleSchema, returnScopeSchema } from '../drill-schemas.ts';
import { type ReturnRule, TIER_RULE } from '../drill-state.ts';
import { textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireGroup } from './group-changes.ts';

type ReturnSetRule = Extract<Command, { type: 'return.setRule' }>;

export const returnSetRuleSchema = z.strictObject({
  type: z.literal('return.setRule'),
  scope: returnScopeSchema,
  rule: returnRuleSchema.nullable(),
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<ReturnSetRule>;

export function returnSetRule(store: MutableMetadata, command: ReturnSetRule): Result<null> {
  const { scope, rule, by, wallMs } = command;
  if (rule !== null && store.sites.get(rule.preferredIdc)?.kind !== 'idc') {
    return refused('unknownSite', `${rule.preferredIdc} is not an IDC of this tier.`, {
      field: 'rule.preferredIdc',
    });
  }
  if (scope.kind === 'group') {
    const group = requireGroup(store, scope.group);
    if (!group.ok) return group;
    if (rule !== null && !hostsReplica(group.value, rule.preferredIdc)) {
      return refused('unknownSite', `${scope.group} has no replica in ${rule.preferredIdc}.`, {
        field: 'rule.preferredIdc',
      });
    }
  }
  const key = scope.kind === 'all' ? TIER_RULE : scope.group;
  if (rule === null) store.returnRules.delete(key);
  else store.returnRules.set(key, rule);
  addChange(store, { scope, change: 'returnRuleSet', by, detail: inWords(rule), wallMs });
  return accepted(null);
}

function inWords(rule: ReturnRule | null): string {
  if (rule === null) return 'no IDC is preferred';
  const { preferredIdc, returnAfterMs } = rule;
  return returnAfterMs === null
    ? `${preferredIdc} is preferred`
    : `${preferredIdc} is preferred, by itself after ${returnAfterMs} ms of health`;
}
