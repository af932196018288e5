/**
 * Following a master as this replica's own user there. Done when the server took the order: whether the link comes
 * up is seen by the probes, and may take a full resync.
 */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import { replicationUser } from '../access-rules.ts';
import { parseAddress } from '../connections.ts';
import { derivePassword } from '../derived-passwords.ts';
import { done, failed, stop } from '../outcome.ts';
import { type ActionContext, expectIncarnation, transactAndReport } from './context.ts';

type Attach = Extract<SteerAction, { kind: 'attach' }>;

export async function attach(context: ActionContext, action: Attach): Promise<SteerOutcome> {
  const master = parseAddress(action.masterAddress);
  if (master === null)
    return failed(stop('refused', 'badAddress', `${action.masterAddress} is not host:port`));
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const before = await expectIncarnation(hand, action.expectedIncarnation);
  if (!before.ok) return failed(before);
  // A master's tail may be the only copy of acknowledged writes: it is revoked and read before it follows anybody.
  if (before.value.role === 'master')
    return failed(stop('mismatch', 'isMaster', 'it is a master and not revoked'));
  const username = replicationUser(context.replica);
  const password = derivePassword(context.settings.steeringSecret, username);
  const report = await transactAndReport(hand, [
    ['CONFIG', 'SET', 'masteruser', username, 'masterauth', password],
    ['REPLICAOF', master.host, String(master.port)],
  ]);
  return report.ok ? done(report.value) : failed(report);
}
