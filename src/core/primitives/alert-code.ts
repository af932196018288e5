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
  /** RocketMQ: a broker set without a master; a broker name that two clusters claim. */
  'masterless',
  'duplicateName',
] as const;

export type AlertCode = (typeof ALERT_CODES)[number];
