/**
 * Could a group be promoted now without loss, if its master died this moment? The same prediction that stands before
 * every automatic failover, asked ahead of time; nothing is touched.
 */
import { predictSet } from '../failover/predict.ts';
import { findGroup } from '../metadata/queries.ts';
import type { GroupKey } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, refused } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import { reachableReads } from './judge-master.ts';
import type { ClientReply } from './requests.ts';

/** Refusal: unknownGroup. */
export function assess(context: Context, key: GroupKey, now: Instant): ClientReply {
  const group = findGroup(context.state(), key);
  if (group === null) return refused('unknownGroup', `No broker group ${key} is declared.`);
  const reads = reachableReads(context, group, context.run(key, now), now, group.master);
  const prediction = predictSet(group, reads);
  return accepted(
    prediction.provable
      ? { kind: 'assessment', provable: !prediction.nothingPromised, detail: NOTHING_PROMISED }
      : { kind: 'assessment', provable: false, detail: prediction.detail },
  );
}

/** Said only where it applies: `detail` explains what is not provable. */
const NOTHING_PROMISED = 'the policy promises nothing: acknowledged writes may be on the master alone';
