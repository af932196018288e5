/**
 * What an operator has to know of a master before it is taken over from its Sentinels, and what forbids that. Pure.
 * Watching only changes nothing, so less forbids it: what matters then is that the servers are the right ones.
 */
import { LIMITS } from '../primitives/limits.ts';
import { isLoopback, type Places, placeOf } from './place-servers.ts';
import type { MasterSeen, SlaveSeen } from './sentinel-port.ts';
import type { Survey } from './survey.ts';

export type Finding = {
  readonly code: string;
  readonly message: string;
  /** `takeover`: it may be watched all the same. */
  readonly forbids: 'nothing' | 'takeover' | 'everything';
};

const finding = (forbids: Finding['forbids'], code: string, message: string): Finding => ({
  code,
  message,
  forbids,
});

/** Flags of a master, or of a slave, that is being failed over or turned round. */
const IN_FAILOVER = ['o_down', 'failover_in_progress', 'force_failover'];
const IN_TURN = ['promoted', 'reconf_sent', 'reconf_inprog'];
const DOWN = ['s_down', 'disconnected', 'master_down'];

const flagsAmong = (flags: readonly string[], wanted: readonly string[]): readonly string[] =>
  flags.filter((flag) => wanted.includes(flag));

/** Every slave that any Sentinel knows; of one that several know, as the first of them sees it. */
export function slavesIn({ seen }: Survey): readonly SlaveSeen[] {
  const slaves = new Map<string, SlaveSeen>();
  for (const slave of seen.flatMap((one) => one.slaves)) {
    if (!slaves.has(slave.address)) slaves.set(slave.address, slave);
  }
  return [...slaves.values()];
}

export function judgeSurvey(survey: Survey, places: Places): readonly Finding[] {
  const slaves = slavesIn(survey);
  const [first] = survey.seen;
  const addresses = [
    ...(first === undefined ? [] : [first.address]),
    ...slaves.map(({ address }) => address),
  ];
  return [
    ...disagreement(survey),
    ...survey.seen.flatMap((one) => masterFindings(survey.master, one)),
    ...survey.unheard.map(({ address, why }) =>
      finding(
        'takeover',
        'sentinelUnheard',
        `Sentinel ${address} watches ${survey.master} and cannot be told: ${why} Bring it back; if it is gone for good, SENTINEL RESET ${survey.master} on the others makes them forget it.`,
      ),
    ),
    ...slaves.flatMap((slave) => slaveFindings(survey, slave)),
    ...addresses.flatMap((address) => loopbackFindings(address, places)),
    ...crowd(addresses),
  ];
}

function disagreement({ master, seen }: Survey): readonly Finding[] {
  if (new Set(seen.map(({ address }) => address)).size < 2) return [];
  const words = seen.map(({ sentinel, address }) => `${sentinel.address} says ${address}`).join(', ');
  return [
    finding(
      'everything',
      'sentinelsDisagree',
      `The Sentinels differ on who is master of ${master}: ${words}.`,
    ),
  ];
}

function masterFindings(
  master: string,
  { sentinel, address, flags, slaves }: MasterSeen,
): readonly Finding[] {
  const says = `Sentinel ${sentinel.address} says of ${master}`;
  const moving = flagsAmong(flags, IN_FAILOVER);
  const turning = slaves.filter((slave) => flagsAmong(slave.flags, IN_TURN).length > 0);
  if (moving.length > 0 || turning.length > 0) {
    const what = [...moving, ...turning.map((slave) => `${slave.address} ${slave.flags.join(',')}`)].join(
      ', ',
    );
    const message = `${says}: ${what}. It is being failed over; wait until that is done.`;
    return [finding('everything', 'failoverUnderWay', message)];
  }
  const down = flagsAmong(flags, DOWN);
  if (down.length === 0) return [];
  return [finding('takeover', 'masterDown', `${says} at ${address}: ${down.join(', ')}.`)];
}

function slaveFindings({ master, seen }: Survey, slave: SlaveSeen): readonly Finding[] {
  const { address } = slave;
  const findings: Finding[] = [];
  const words = seen.flatMap((one) => one.slaves.filter((other) => other.address === address));
  const down = flagsAmong([...new Set(words.flatMap(({ flags }) => flags))], [...DOWN, 'o_down']);
  const forget = `SENTINEL RESET ${master} on every Sentinel makes them forget it`;
  if (down.length > 0) {
    const message = `Slave ${address} is ${down.join(', ')}. Start it; if it is gone for good, ${forget}.`;
    findings.push(finding('takeover', 'slaveDown', message));
  } else if (words.some(({ linkUp }) => !linkUp)) {
    findings.push(finding('nothing', 'slaveLinkDown', `Slave ${address} has no link to its master now.`));
  }
  const masters = new Set(seen.map((one) => one.address));
  const elsewhere = words.find(({ follows }) => follows !== null && !masters.has(follows))?.follows;
  if (elsewhere !== undefined) {
    const message = `Slave ${address} follows ${elsewhere}; if it belongs elsewhere, ${forget}.`;
    findings.push(finding('takeover', 'slaveElsewhere', message));
  }
  if (words.length < seen.length) {
    const message = `Slave ${address} is known to ${words.length} of ${seen.length} Sentinels.`;
    findings.push(finding('nothing', 'slaveUnknownToSome', message));
  }
  if (slave.priority === 0) {
    const message = `Slave ${address} has replica-priority 0: Sentinels never promote it. pollux does if nobody else has as much data.`;
    findings.push(finding('nothing', 'neverPromoted', message));
  }
  return findings;
}

function loopbackFindings(address: string, places: Places): readonly Finding[] {
  if (!isLoopback(address)) return [];
  if (placeOf(places, address)?.placedBy === 'site') return [];
  const message = `${address} is announced, which is another server on every host. Set replica-announce-ip there; if all nodes run on its host, say so with --site ${address}=IDC.`;
  return [finding('everything', 'loopback', message)];
}

function crowd(addresses: readonly string[]): readonly Finding[] {
  const most = LIMITS.replicasPerGroup;
  if (addresses.length <= most) return [];
  return [
    finding('everything', 'tooManyServers', `${addresses.length} servers; a group has ${most} at most.`),
  ];
}
