/**
 * Giving a new master its final lineage. A master that never had a replica has no backlog, and Redis gives it
 * a new replication id when the first one attaches (measured on 7.0.15). The lineage that is committed for a
 * reign has to be the one that its members will have, so pollux attaches for a moment itself. It never
 * acknowledges: its link never gets beyond waiting for a snapshot.
 */
import type { TimerPort } from '../../core/node/ports.ts';
import { replicationRules, replicationUser } from './access-rules.ts';
import type { ActionContext } from './actions/context.ts';
import type { Command } from './connections.ts';
import { derivePassword } from './derived-passwords.ts';
import { hasBacklog } from './info-report.ts';
import { REDIS_LIMITS } from './limits.ts';
import { type Step, stop, taken } from './outcome.ts';
import { readSettings } from './prepare.ts';
import { type Hand, openReplica } from './steering-hand.ts';

/**
 * With these no snapshot is forked for the moment that the stream is open. Should the restoring command be lost,
 * they are what Redis itself has by default.
 */
const PATIENT_SYNC = ['repl-diskless-sync', 'yes', 'repl-diskless-sync-delay', '5'] as const;

/**
 * Opens the stream and waits for the backlog. The answer to PSYNC comes only with a snapshot, so it is not
 * waited for. A replica that can't take a snapshot without a file (`eof`) would make the server write one at
 * once.
 */
async function openStream(hand: Hand, replica: Hand, timers: TimerPort): Promise<Step<null>> {
  const able = await replica.ask(['REPLCONF', 'capa', 'eof', 'capa', 'psync2']);
  if (!able.ok) return able;
  void replica.ask(['PSYNC', '?', '-1']);
  for (let attempt = 0; attempt < REDIS_LIMITS.backlogChecks; attempt += 1) {
    const fields = await hand.info(['replication']);
    if (!fields.ok) return fields;
    if (hasBacklog(fields.value)) return taken(null);
    await pause(timers, REDIS_LIMITS.backlogCheckIntervalMs);
  }
  return stop('mismatch', 'notVerified', 'the server did not start a replication stream');
}

const pause = (timers: TimerPort, delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(delayMs, resolve);
  });

const configSet = (settings: ReadonlyMap<string, string>): Command => [
  'CONFIG',
  'SET',
  ...[...settings].flat(),
];

/**
 * Does nothing on a server that has a backlog. The user is the server's own name: no server replicates from
 * itself.
 */
export async function startBacklog(hand: Hand, context: ActionContext): Promise<Step<null>> {
  const fields = await hand.info(['replication']);
  if (!fields.ok) return fields;
  if (hasBacklog(fields.value)) return taken(null);
  const before = await readSettings(hand, ['repl-diskless-sync', 'repl-diskless-sync-delay']);
  if (!before.ok) return before;
  const username = replicationUser(context.replica);
  const password = derivePassword(context.settings.steeringSecret, username);
  const opened = await hand.transact([
    ['CONFIG', 'SET', ...PATIENT_SYNC],
    ['ACL', 'SETUSER', username, ...replicationRules(password)],
  ]);
  if (!opened.ok) return opened;
  const replica = await openReplica(context.settings, context.target, username);
  const started = replica.ok ? await openStream(hand, replica.value, context.timers) : replica;
  if (replica.ok) replica.value.close();
  const closed = await hand.transact([['ACL', 'DELUSER', username], configSet(before.value)]);
  if (!started.ok) return started;
  return closed.ok ? taken(null) : closed;
}
