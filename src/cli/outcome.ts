/** What a command came to: a value for scripts, a text for people, and the exit code. Nothing else is printed to stdout. */
import type { AdminFailure } from '../sdk/admin-client.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

export type Outcome = {
  readonly exit: ExitCode;
  /** Printed as one JSON value under `--json`. */
  readonly json: unknown;
  /** Printed otherwise, to stdout when `exit` is done, else to stderr. */
  readonly text: string;
  /** Printed to stdout, above `text`, although the outcome is a failure: a plan that is not fit. */
  readonly shown?: string;
};

export const done = (json: unknown, text: string): Outcome => ({ exit: EXIT.done, json, text });

export type FailureCode = 'usage' | 'unreachable' | 'outcomeUnknown';

/** A failure of this side; refusals of the tier carry the tier's own codes. */
export const failed = (code: FailureCode, message: string): Outcome => ({
  exit: EXIT[code],
  json: { error: { code, message } },
  text: `pollux: ${message}`,
});

/** What to type next, for refusals whose message cannot know the command line. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  unauthorized:
    "give the operator token by --token-file FILE, POLLUX_TOKEN_FILE or POLLUX_TOKEN; the tier's first start printed it and kept it as 'operator-token' in the data directory of the node that founded the tier",
  unknownGroup: "'pollux group list' shows the groups; --cluster chooses another cluster",
  unknownTopic: "'pollux topic list' shows the topics; --cluster chooses another cluster",
  unknownReplica: "'pollux group show GROUP' lists its replicas",
  unknownSite: "'pollux status' lists the sites",
  unknownMaster: 'without --master, all masters that the Sentinel watches are meant',
  unknownBrokerSet: "'pollux broker-set list' shows the broker sets of all clusters",
  invalidReplicas: "'pollux broker-set show NAME' lists its brokers with their ids",
  notInSyncStateSet:
    "'pollux broker-set show NAME' shows who is in it; --unsafe accepts the loss of what only its members have",
  notCaughtUp:
    "try again once it has caught up: 'broker-set show NAME' or 'group show GROUP' says how far it is",
  groupNotEmpty: "remove its topics first: 'pollux topic list', 'pollux topic remove TOPIC'",
  preflightFailed: 'the same command with --plan shows every finding and changes nothing',
  brokerUnreachable:
    "'pollux status' and the page of the group ('group show', 'broker-set show') say who answers",
  busy: "'pollux history list --group GROUP' shows what is under way",
  unprovable:
    "bring a missing replica back, or run the command that the message ends with; 'pollux group show GROUP' shows who was reached",
  noLeader: "'pollux status' against each node shows who is up; two of three nodes are needed",
};

/** Refusals after which nobody knows whether the change was made, or something is left to put right. */
const OUTCOME_UNKNOWN = new Set(['notLeader', 'timedOut', 'adoptionStopped']);

export function failureOutcome(failure: AdminFailure): Outcome {
  switch (failure.kind) {
    case 'refused': {
      const { code, message, field, expected } = failure.refusal;
      const lines = [`pollux: ${code}: ${message}`];
      if (field !== undefined) lines.push(`  field: ${field}`);
      if (expected !== undefined) lines.push(`  expected: ${expected}`);
      const next = NEXT_STEPS[code];
      if (next !== undefined) lines.push(`  next: ${next}`);
      const exit = OUTCOME_UNKNOWN.has(code) ? EXIT.outcomeUnknown : EXIT.refused;
      return { exit, json: { error: failure.refusal }, text: lines.join('\n') };
    }
    case 'unreachable':
      return failed(
        'unreachable',
        `no node answered; nothing was changed\n${failure.details.map((line) => `  ${line}`).join('\n')}\n  next: check --node or POLLUX_NODES, and that a node runs there`,
      );
    case 'outcomeUnknown':
      return failed(
        'outcomeUnknown',
        `the request was sent and no answer came (${failure.detail}): it may or may not have been done\n  next: read back before trying again`,
      );
  }
}

/** What was begun is not known to go on, where nobody showed it: the last answer says why. */
export function neverShown(what: string, withinSeconds: number, failure: AdminFailure | null): string {
  const why =
    failure === null
      ? 'no answer came'
      : failure.kind === 'refused'
        ? `${failure.refusal.code}: ${failure.refusal.message}`
        : failure.kind === 'unreachable'
          ? failure.details.join('; ')
          : failure.detail;
  return `no node showed ${what} within ${withinSeconds} s: ${why}`;
}
