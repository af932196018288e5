/**
 * Writes a slave's file anew, as it was when the server was taken on. Within one transaction the server follows nobody,
 * the file is written, and it follows its master again, so that it is away for no longer than a partial resync takes.
 * As when it was taken on, no grant is in memory while the file is written.
 */
import { handOf, isGrant, replicationUser, WRITER_USER } from './access-rules.ts';
import type { ActionContext } from './actions/context.ts';
import { parseAddress } from './connections.ts';
import { derivePassword } from './derived-passwords.ts';
import { MIN_REPLICAS_OUT_OF_REACH } from './limits.ts';
import { MANAGED_SETTINGS, setCommand } from './managed-settings.ts';
import { type Step, stop, taken } from './outcome.ts';
import { readSettings } from './prepare.ts';
import { type Hand, withWriter } from './steering-hand.ts';

/** Closes `hand`: its user must not be in memory while the file is written. */
export async function writeFileAgain(
  context: ActionContext,
  hand: Hand,
  followed: string,
): Promise<Step<null>> {
  const master = parseAddress(followed);
  if (master === null) return stop('mismatch', 'badAddress', `${followed} is not host:port`);
  const found = await readSettings(hand, ['aclfile']);
  if (!found.ok) return found;
  hand.close();
  const { settings, replica } = context;
  const username = replicationUser(replica);
  const password = derivePassword(settings.steeringSecret, username);
  const { host, port } = settings.blackhole;
  const written = await withWriter(settings, context.target, async (writer, users) => {
    const temporary = users.filter((name) => handOf(name) !== null || isGrant(name));
    return writer.transact([
      ...(temporary.length === 0 ? [] : [['ACL', 'DELUSER', ...temporary]]),
      ['ACL', 'SETUSER', WRITER_USER, 'off', 'resetpass'],
      setCommand([
        ...MANAGED_SETTINGS,
        ['min-replicas-to-write', MIN_REPLICAS_OUT_OF_REACH],
        ['masteruser', ''],
        ['masterauth', ''],
      ]),
      ['REPLICAOF', host, String(port)],
      ['CONFIG', 'REWRITE'],
      ...((found.value.get('aclfile') ?? '') === '' ? [] : [['ACL', 'SAVE']]),
      setCommand([
        ['masteruser', username],
        ['masterauth', password],
      ]),
      ['REPLICAOF', master.host, String(master.port)],
    ]);
  });
  return written.ok ? taken(null) : written;
}
