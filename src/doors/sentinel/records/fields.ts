/**
 * What the records of masters, slaves and Sentinels have in common, in the order in which a Sentinel sends them.
 * Numbers are text in every protocol; ages are milliseconds.
 */
export type Fields = readonly (readonly [name: string, value: string])[];

export type Common = {
  readonly name: string;
  readonly host: string;
  readonly port: string;
  readonly runId: string;
  readonly flags: readonly string[];
  /** Null outside a failover. */
  readonly failoverState: string | null;
  /** Since it last answered; 0 while the question is under way. */
  readonly ageMs: number;
  readonly isDown: boolean;
  readonly isDownForAll: boolean;
  readonly downAfterMs: number;
};

/** How long a node has been reached by one connection that it does not share. */
const LINK: Fields = [
  ['link-pending-commands', '0'],
  ['link-refcount', '1'],
];

export function commonFields(common: Common): Fields {
  const age = String(Math.max(0, Math.round(common.ageMs)));
  return [
    ['name', common.name],
    ['ip', common.host],
    ['port', common.port],
    ['runid', common.runId],
    ['flags', common.flags.join(',')],
    ...LINK,
    ...(common.failoverState === null ? [] : ([['failover-state', common.failoverState]] as const)),
    ['last-ping-sent', common.isDown ? age : '0'],
    ['last-ok-ping-reply', age],
    ['last-ping-reply', age],
    ...(common.isDown ? ([['s-down-time', age]] as const) : []),
    ...(common.isDownForAll ? ([['o-down-time', age]] as const) : []),
    ['down-after-milliseconds', String(common.downAfterMs)],
  ];
}
