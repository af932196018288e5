/**
 * Putting aside what an old master wrote beyond the cut of the reign that replaced it, before it is fenced: once it
 * follows nobody its stream is given to nobody, and when it follows the new master it discards the tail.
 *
 * First it is disarmed, in one transaction: no slave confirms any more, no write is taken, clients are cut off. So the
 * tail is as long as it will ever be, and nothing is lost by reading it first. Whether it can be read or not, the server
 * is fenced next; the leader sees to that.
 */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import { type ParsedTail, TailParser } from '../../../core/failover/tail-commands.ts';
import type { ServerReport } from '../../../core/liveness/observation.ts';
import type { KeptTail } from '../../../core/metadata/state.ts';
import type { TailNote, TailPort } from '../../../core/node/ports.ts';
import { LIMITS } from '../../../core/primitives/limits.ts';
import { isGrant, isPolluxUser, replicationRules, replicationUser } from '../access-rules.ts';
import { derivePassword } from '../derived-passwords.ts';
import { integerField } from '../info-report.ts';
import { REDIS_LIMITS } from '../limits.ts';
import { FENCED_SETTINGS, PING_PERIOD, setCommand } from '../managed-settings.ts';
import { failed, type Step, stop, stopFrom, taken } from '../outcome.ts';
import type { Hand } from '../steering-hand.ts';
import { type ActionContext, expectIncarnation } from './context.ts';

type KeepTail = Extract<SteerAction, { kind: 'keepTail' }>;

/** The user is the server's own name: no server replicates from itself. */
async function disarm(hand: Hand, context: ActionContext, username: string): Promise<Step<unknown>> {
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const grants = users.value.filter(isGrant);
  const applications = users.value.filter(
    (name) => !isPolluxUser(name) && name !== context.settings.adminUsername,
  );
  const password = derivePassword(context.settings.steeringSecret, username);
  return hand.transact([
    ...(grants.length === 0 ? [] : [['ACL', 'DELUSER', ...grants]]),
    setCommand([...FENCED_SETTINGS, ['repl-ping-replica-period', PING_PERIOD.heldBack]]),
    ['CLIENT', 'KILL', 'TYPE', 'replica'],
    ...applications.map((name) => ['CLIENT', 'KILL', 'USER', name]),
    ['ACL', 'SETUSER', username, ...replicationRules(password)],
  ]);
}

function expectTail(report: ServerReport, { lineage, cut }: KeepTail): Step<null> {
  if (report.role !== 'master')
    return stop('mismatch', 'notVerified', 'it is fenced already, and gives its stream to nobody');
  if (report.lineage !== lineage)
    return stop('mismatch', 'notVerified', `its history is ${report.lineage} now, ${lineage} was expected`);
  return report.offset > cut ? taken(null) : stop('mismatch', 'behind', 'it holds nothing beyond the cut');
}

async function read(
  context: ActionContext,
  hand: Hand,
  action: KeepTail,
  username: string,
): Promise<Step<{ readonly bytes: Buffer; readonly offset: bigint }>> {
  const fields = await hand.info(['replication']);
  if (!fields.ok) return fields;
  const from = action.cut + 1n;
  const first = integerField(fields.value, 'repl_backlog_first_byte_offset');
  const offset = integerField(fields.value, 'master_repl_offset');
  if (first === null || offset === null)
    return stop('refused', 'notADataServer', 'INFO does not say where its backlog begins and ends');
  if (fields.value.get('repl_backlog_active') !== '1' || first > from)
    return stop(
      'mismatch',
      'backlogTooShort',
      `its backlog begins at ${first}, ${from} is wanted; repl-backlog-size is too small`,
    );
  const wanted = offset - action.cut;
  const bytes = await context.readStream({
    address: context.target.address,
    username,
    password: derivePassword(context.settings.steeringSecret, username),
    tls: context.settings.tls,
    lineage: action.lineage,
    from,
    bytes: Number(wanted < BigInt(REDIS_LIMITS.tailBytes) ? wanted : BigInt(REDIS_LIMITS.tailBytes)),
    timeoutMs: REDIS_LIMITS.tailReadTimeoutMs,
    timers: context.timers,
  });
  return bytes.ok ? taken({ bytes: bytes.value, offset }) : stopFrom(bytes);
}

/** In turns, so that consensus is not held up by it. */
async function countCommands({ timers }: ActionContext, bytes: Buffer): Promise<ParsedTail> {
  const parser = new TailParser(bytes, { commands: 0, bytes: 0 });
  while (!parser.advance(LIMITS.tailBytesParsedAtOnce))
    await new Promise<void>((resolve) => timers.after(0, resolve));
  return parser.result();
}

export async function keepTail(context: ActionContext, action: KeepTail): Promise<SteerOutcome> {
  const { tails } = context;
  if (tails === null) return failed(stop('refused', 'notWritable', 'this node keeps no tails'));
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const report = await expectIncarnation(hand, action.expectedIncarnation);
  if (!report.ok) return failed(report);
  const fit = expectTail(report.value, action);
  if (!fit.ok) return failed(fit);
  const username = replicationUser(context.replica);
  const disarmed = await disarm(hand, context, username);
  if (!disarmed.ok) return failed(disarmed);
  const tail = await read(context, hand, action, username);
  const ended = await hand.ask(['ACL', 'DELUSER', username]);
  if (!tail.ok) return failed(tail);
  if (!ended.ok) return failed(ended);
  const { bytes, offset } = tail.value;
  const { counts, leftBytes } = await countCommands(context, bytes);
  const { lineage, cut, epoch } = action;
  const what = {
    lineage,
    cut,
    offset,
    bytes: bytes.length,
    complete: BigInt(bytes.length) === offset - cut && leftBytes === 0,
    ...counts,
  };
  const note = { group: context.group, replica: context.replica, epoch, ...what };
  const kept = await putAside(tails, note, bytes);
  if (!kept.ok) return failed(kept);
  const outcome: KeptTail = { replica: context.replica, ...what, ...kept.value };
  return { kind: 'tailKept', tail: outcome };
}

/** A disk that is full or read-only costs the tail, and nothing else of this node. */
async function putAside(
  tails: TailPort,
  note: TailNote,
  bytes: Uint8Array,
): Promise<Step<Awaited<ReturnType<TailPort['keep']>>>> {
  try {
    return taken(await tails.keep(note, bytes));
  } catch (error) {
    return stop('refused', 'notWritten', error instanceof Error ? error.message : String(error));
  }
}
