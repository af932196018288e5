/** How RocketMQ's broker sets are worded; shared by the list and the page of one. */
import type { BrokerSetSummary } from '../contract/broker-sets.ts';
import type { Paint } from './paint.ts';

export const brokerMasterText = ({ id, site, address }: NonNullable<BrokerSetSummary['master']>): string =>
  `${id} (${site ?? 'IDC unknown'}, ${address === '' ? 'address unknown' : address})`;

export function brokerSetPolicyText(paint: Paint, controlled: BrokerSetSummary['controlled']): string {
  if (controlled === null) return '';
  const { policy, degraded, unproven } = controlled;
  if (degraded) return paint.warning(`${policy}, degraded`);
  return unproven ? paint.warning(`${policy}, unproven`) : policy;
}
