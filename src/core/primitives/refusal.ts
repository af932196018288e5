/**
 * Expected refusals are values with stable codes; callers may match on `code` for ever. Adding a code means
 * adding its meaning to REFUSAL_MEANINGS, which the documentation and the OpenAPI page are made from.
 */
export const REFUSAL_MEANINGS = {
  invalidRequest: 'The request does not have the documented shape; `field` and `expected` say where and how.',
  bodyTooLarge: 'The request body is larger than the documented limit.',
  unsupportedMediaType: 'The request body is not declared as application/json.',
  unknownPath: 'The HTTP interface has no such path.',
  methodNotAllowed: 'The path exists, but not with this method.',
  unauthorized: 'The request changes something and carries no valid operator token.',
  unknownTopic: 'No topic of that name is declared.',
  unknownGroup: 'No broker group of that cluster and name is declared.',
  unknownReplica: 'The broker group has no replica of that id.',
  unknownSite:
    'The name is not one of the sites of this tier, or is the witness site where an IDC is needed.',
  unknownMaster: 'The Sentinel that was asked watches no master of that name.',
  unknownRecord: 'No history record of that id is kept.',
  unknownKey: 'No key-value pair of that name is kept.',
  duplicateName: 'Something of that name exists already.',
  replicaInOtherGroup: 'The replica or its address already belongs to another broker group.',
  groupNotEmpty: 'The broker group still carries topics.',
  limitReached: 'A named limit of the tier would be exceeded.',
  noLeader: 'No leader is known at the moment; nothing was changed. Try again shortly.',
  notLeader:
    'This node lost leadership while it handled the request; the outcome is unknown until read back.',
  overloaded: 'Too many requests wait; nothing was changed. Try again shortly.',
  timedOut: 'The outcome was not known in time; read back before trying again.',
  stale: 'This node cannot confirm that it is current.',
  automaticStopped: 'Automatic action is stopped here; `pollux stop-automatic --resume` lifts that.',
  busy: 'Another move of the same broker group is under way.',
  noActiveIdc: 'No other IDC is active, so masters would have nowhere to go.',
  watchOnly: 'The broker group is only watched; `pollux group take` takes it over.',
  notRunning: 'Nothing of the kind is under way.',
  notCaughtUp: 'The slave that was to take over lagged behind; writes go on, nothing was changed.',
  notActive: 'The broker group has no active master at the moment.',
  unprovable: 'It cannot be proven that no acknowledged write would be lost; nothing was done.',
  preflightFailed: 'A server is not fit to be taken on; the findings say which and why. Nothing was changed.',
  notPlaced: 'A server is in no IDC by what was said and by the address ranges of the node.',
  adoptionStopped:
    'A takeover from Sentinels failed half-way; the message says which of them were told and how that is put back.',
  brokerUnreachable: 'A server did not answer.',
  brokerRefused: 'A server answered with an error.',
  staleEpoch: 'The message belongs to an earlier reign, term or version.',
  unknownBrokerSet: 'No RocketMQ broker set of that name is known.',
  invalidReplicas: 'The RocketMQ broker set has no broker of that id.',
  brokerNotAlive: 'The RocketMQ broker is not alive.',
  brokerIdTaken: 'The broker id was given to another broker of the set before.',
  brokerNameTaken:
    'The brokerName belongs to a broker set of another cluster; it is unique over all clusters.',
  addressTaken: 'The address belongs to a registered broker of another broker set.',
  fencedMasterEpoch: 'The master epoch is not that of the broker set.',
  fencedSyncStateSetEpoch: 'The epoch of the sync state set is not that of the broker set.',
  notTheMaster: 'The broker is not the master of its broker set.',
  masterReigns: 'The broker set has a master.',
  invalidSyncStateSet: 'The sync state set lacks its master, or is the one in force.',
  lastRemoteMember: 'The sync state set would lose its last member outside the IDC of the master.',
  notInSyncStateSet: 'The broker may lack acknowledged messages: it is not in the sync state set.',
  staleRegistration: 'The broker registers as the master of an earlier epoch.',
  singleTopicRegistration: 'A broker that is not registered yet registers a single topic.',
  noWritableGroup: 'No broker group of the topic can take writes at the moment.',
  internalError: 'The node met a bug of its own and logged it; the outcome is unknown until read back.',
} as const;

export type RefusalCode = keyof typeof REFUSAL_MEANINGS;

export type Refusal = {
  readonly code: RefusalCode;
  /** One sentence for people: what was expected, what was found, what to do next. */
  readonly message: string;
  /** Path of the offending input field, such as `replicas.0.site`. */
  readonly field?: string;
  /** What would have been accepted. */
  readonly expected?: string;
};

export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export const accepted = <Value>(value: Value): Result<Value> => ({ ok: true, value });

export const refused = (
  code: RefusalCode,
  message: string,
  details: { field?: string; expected?: string } = {},
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: { code, message, ...details },
});
