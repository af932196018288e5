/**
 * SENTINEL MONITOR: a group is declared from the address of its master, whose INFO names the slaves. It passes the same
 * preflight as any other, which is why it takes a moment. The arguments are judged in the order and with the words of a
 * Sentinel; the quorum is a majority of the nodes whatever it says.
 */
import { isIP } from 'node:net';
import { clusterName, type GroupName, groupName } from '../../../../core/primitives/identifiers.ts';
import { LIMITS } from '../../../../core/primitives/limits.ts';
import {
  type AdoptionTerms,
  declarationOf,
  placeServers,
} from '../../../../core/sentinels/declare-servers.ts';
import { isLoopback } from '../../../../core/sentinels/place-servers.ts';
import { error, OK, type Reply } from '../../reply.ts';
import { type Call, type Command, NO_PERMISSION } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { refusedBy } from '../refused-by.ts';
import { namedGroup } from './named-group.ts';

const DUPLICATE = error('ERR Duplicate master name.');
const LARGEST_PORT = 65_535;

/** As Redis reads numbers: digits without a sign but `-`, in 64 bits; null for anything else. */
function integerIn(text: string): number | null {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) return null;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : null;
}

/** Refused in the order of a Sentinel; null where nothing is wrong. A port of 0 is one that it takes and we do not. */
function wrongWords([, ip = '', portText = '', quorumText = '']: readonly string[]): Reply | null {
  const quorum = integerIn(quorumText);
  if (quorum === null) return error('ERR Invalid quorum');
  const port = integerIn(portText);
  if (port === null) return error('ERR Invalid port');
  if (quorum <= 0) return error('ERR Quorum must be 1 or greater.');
  if (isIP(ip) === 0) return error('ERR Invalid IP address or hostname specified');
  return port < 1 || port > LARGEST_PORT ? error('ERR Invalid port number.') : null;
}

type Named = Pick<AdoptionTerms, 'cluster' | 'name'>;

/** A group's own name, or `cluster/name`; null for what no group can be called. */
function nameIn({ door: { options } }: Call, text: string): Named | null {
  const slash = text.indexOf('/');
  const cluster = slash < 0 ? options.defaultCluster : clusterName(text.slice(0, slash));
  const name: GroupName = groupName(text.slice(slash + 1));
  const isFit = [cluster, name].every(
    (word) =>
      /^[A-Za-z0-9._-]+$/.test(word) && word.length <= LIMITS.nameCharacters && !/^\.{1,2}$/.test(word),
  );
  return isFit ? { cluster, name } : null;
}

/** As good as the layout allows, and never to the cost of going on: who has used Sentinels does not wait. */
const termsOf = (named: Named, sites: ReadonlySet<string>): AdoptionTerms => ({
  ...named,
  watchOnly: false,
  policy: sites.size > 1 ? 'cross-idc' : 'majority',
  onShortage: 'degrade',
  timeFenceSeconds: 3,
  detectionMs: 1_000,
  cooldownMs: 60_000,
  owner: '',
  labels: {},
});

const sayRanges = (): string =>
  'Add a range to addressRanges in the configuration of the nodes, or declare it with `pollux group add`.';

async function declare(call: Call, named: Named, master: string, by: string): Promise<Reply> {
  const { door } = call;
  const slaves = await door.sentinels.slavesOf(master);
  if (!slaves.ok) return refusedBy(slaves.refusal);
  const local = slaves.value.find((address) => isLoopback(address) && !isLoopback(master));
  if (local !== undefined) {
    return error(
      `ERR notPlaced: Slave ${local} is another server on every host; set replica-announce-ip there.`,
    );
  }
  const found = [master, ...slaves.value].map((address) => ({ address, priority: 100 }));
  const placed = placeServers(found, { said: new Map(), idcOfAddress: door.idcOfAddress }, sayRanges);
  if (!placed.ok) return refusedBy(placed.refusal);
  const terms = termsOf(named, new Set(placed.value.map(({ site }) => site)));
  const declaration = declarationOf(terms, placed.value);
  const reply = await door.face.submit({ type: 'addGroup', declaration, planOnly: false, by });
  if (reply.ok) return OK;
  const isTaken = reply.refusal.code === 'duplicateName' && reply.refusal.field === 'name';
  return isTaken ? DUPLICATE : refusedBy(reply.refusal);
}

export const monitor: Command = {
  name: 'sentinel|monitor',
  words: [4, 4],
  run: whileCurrent((call) => {
    const { user, words } = call;
    const wrong = wrongWords(words);
    if (wrong !== null) return wrong;
    if (namedGroup(call) !== null) return DUPLICATE;
    if (user.operator === null) return NO_PERMISSION;
    const [text = '', ip = '', port = ''] = words;
    const named = nameIn(call, text);
    if (named === null)
      return error('ERR invalidRequest: a group has a name of letters, digits, dot, _ and -.');
    return declare(call, named, `${isIP(ip) === 6 ? `[${ip}]` : ip}:${port}`, user.operator);
  }),
};
