/** What an operator may be alerted to, by stable codes; whoever reads alerts may match on them for ever. */
export const ALERT_CODES = [
  'unprovable',
  'held',
  'shortage',
  'degraded',
  'brokerRefused',
  'automaticStopped',
  'deviation',
  'coolingDown',
  'wouldHave',
] as const;

export type AlertCode = (typeof ALERT_CODES)[number];
