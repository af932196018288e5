/**
 * Commands as bytes of the log. What was committed must be readable by every node for ever, so nothing gets in that
 * would not come out again: `checkCommand` is for requests, `encodeCommand` ends the process rather than let a
 * command into the log that would end every node of the tier when it is applied.
 */
import { z } from 'zod';
import { InvariantError } from '../primitives/assert.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { BROKER_SET_COMMAND_SCHEMAS } from './broker-set-command-schemas.ts';
import type { Command } from './command.ts';
import { automaticExpireSchema } from './commands/automatic-expire.ts';
import { automaticResumeSchema } from './commands/automatic-resume.ts';
import { automaticStopCommandSchema } from './commands/automatic-stop.ts';
import { consumerGroupAddSchema } from './commands/consumer-group-add.ts';
import { drillAbortSchema } from './commands/drill-abort.ts';
import { drillBeginSchema } from './commands/drill-begin.ts';
import { drillNoteSchema } from './commands/drill-note.ts';
import { groupAcknowledgeSchema } from './commands/group-acknowledge.ts';
import { groupActivateSchema } from './commands/group-activate.ts';
import { groupAddSchema } from './commands/group-add.ts';
import { groupChangeSyncSetSchema } from './commands/group-change-sync-set.ts';
import { groupFenceSchema } from './commands/group-fence.ts';
import { groupMarkCaughtUpSchema } from './commands/group-mark-caught-up.ts';
import { groupNoteLineageSchema } from './commands/group-note-lineage.ts';
import { groupObserveSchema } from './commands/group-observe.ts';
import { groupPromoteSchema } from './commands/group-promote.ts';
import { groupRaiseFloorSchema } from './commands/group-raise-floor.ts';
import { groupRemoveSchema } from './commands/group-remove.ts';
import { groupSetSchema } from './commands/group-set.ts';
import { groupSettleRulesSchema } from './commands/group-settle-rules.ts';
import { groupTakeSchema } from './commands/group-take.ts';
import { historyAddStepSchema } from './commands/history-add-step.ts';
import { historyKeepTailSchema } from './commands/history-keep-tail.ts';
import { historyNoteSchema } from './commands/history-note.ts';
import { keyValueRemoveSchema } from './commands/key-value-remove.ts';
import { keyValueSetSchema } from './commands/key-value-set.ts';
import { memberJoinSchema } from './commands/member-join.ts';
import { returnSetRuleSchema } from './commands/return-set-rule.ts';
import { tierBootstrapSchema } from './commands/tier-bootstrap.ts';
import { tokenAddSchema } from './commands/token-add.ts';
import { topicAddSchema } from './commands/topic-add.ts';
import { topicRemoveSchema } from './commands/topic-remove.ts';
import { frameJson, taggedJson, unframeJson } from './tagged-json.ts';

/** First byte of every encoded command; a format that older nodes cannot read gets another. */
const COMMAND_FORMAT = 1;

const commandSchema = z.discriminatedUnion('type', [
  tierBootstrapSchema,
  tokenAddSchema,
  memberJoinSchema,
  groupAddSchema,
  groupObserveSchema,
  groupTakeSchema,
  groupRemoveSchema,
  groupSetSchema,
  groupAcknowledgeSchema,
  groupFenceSchema,
  groupPromoteSchema,
  groupActivateSchema,
  groupChangeSyncSetSchema,
  groupSettleRulesSchema,
  groupMarkCaughtUpSchema,
  groupNoteLineageSchema,
  groupRaiseFloorSchema,
  historyAddStepSchema,
  historyKeepTailSchema,
  historyNoteSchema,
  topicAddSchema,
  topicRemoveSchema,
  consumerGroupAddSchema,
  automaticStopCommandSchema,
  automaticResumeSchema,
  drillBeginSchema,
  drillNoteSchema,
  drillAbortSchema,
  returnSetRuleSchema,
  automaticExpireSchema,
  keyValueSetSchema,
  keyValueRemoveSchema,
  ...BROKER_SET_COMMAND_SCHEMAS,
]) satisfies z.ZodType<Command>;

/** Commands that have a schema: `encodeCommand` does not compile while one of the union lacks it. */
type ListedType = z.infer<typeof commandSchema>['type'];

const describe = (issue: z.core.$ZodIssue): string => `${issue.path.join('.')}: ${issue.message}`;

/** Bytes of commands that passed the check: commands never change, so checking and writing them again would be waste. */
const CHECKED = new WeakMap<Command, Uint8Array>();

/** Shape and words of a command, before it may be proposed; counts and references are judged when it is applied. */
export function checkCommand(command: Command): Result<null> {
  const parsed = commandSchema.safeParse(command);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    const code = issue?.code === 'too_big' ? 'limitReached' : 'invalidRequest';
    return refused(code, `${field}: ${issue?.message ?? 'not a command'}.`, { field });
  }
  const encoded = frameJson(COMMAND_FORMAT, taggedJson(command));
  if (encoded.length > LIMITS.commandBytes) {
    return refused(
      'limitReached',
      `The command takes ${encoded.length} bytes; at most ${LIMITS.commandBytes} are carried.`,
    );
  }
  CHECKED.set(command, encoded);
  return accepted(null);
}

/** Throws InvariantError for a command that `checkCommand` would refuse. */
export function encodeCommand(command: Command): Uint8Array {
  const type: ListedType = command.type;
  const checked = CHECKED.get(command);
  if (checked !== undefined) return checked;
  const parsed = commandSchema.safeParse(command);
  if (!parsed.success) {
    throw new InvariantError(
      `${type} is not fit for the log: ${parsed.error.issues.map(describe).join('; ')}`,
    );
  }
  const encoded = frameJson(COMMAND_FORMAT, taggedJson(command));
  if (encoded.length > LIMITS.commandBytes) {
    throw new InvariantError(`${type} takes ${encoded.length} bytes, more than ${LIMITS.commandBytes}`);
  }
  return encoded;
}

/** Throws InvariantError, naming the log index where it is given: a node that cannot read its log must stop. */
export function decodeCommand(encoded: Uint8Array, index: number | null = null): Command {
  const what = index === null ? 'the command' : `the command at log index ${index}`;
  const parsed = commandSchema.safeParse(unframeJson(COMMAND_FORMAT, encoded, what));
  if (parsed.success) return parsed.data;
  throw new InvariantError(
    `${what} is not one of this release: ${parsed.error.issues.map(describe).join('; ')}`,
  );
}
