import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EvidenceRow } from '../../../../src/core/coordinator/views.ts';
import { clusterName, nodeName, type ReplicaId } from '../../../../src/core/primitives/identifiers.ts';
import { GroupWatch } from '../../../../src/doors/sentinel/events/group-watch.ts';
import { GroupDirectory } from '../../../../src/doors/sentinel/group-directory.ts';
import { SIGHTINGS_AGE_MS, Sightings } from '../../../../src/doors/sentinel/sightings.ts';
import { keyOf } from '../../http/fake-node.ts';
import { first, groupWith, NAME, second, third } from './group-life.ts';

const MASTER = `master ${NAME} 127.0.0.1`;
const slave = (port: number, master: number): string =>
  `slave 127.0.0.1:${port} 127.0.0.1 ${port} @ ${NAME} 127.0.0.1 ${master}`;

function watched(t: { after(act: () => void): void }) {
  const life = groupWith();
  const { node } = life;
  let nowMs = 0;
  let told: string[] = [];
  const clock = { now: () => ({ monotonicMs: nowMs, wallMs: 0 }) };
  const watch = new GroupWatch({
    face: node,
    directory: new GroupDirectory(clusterName('default')),
    sightings: new Sightings(node, clock, nodeName('node-a')),
    quorum: 2,
    hasListeners: () => true,
    publish: (publications) => told.push(...publications.map((one) => `${one.channel} ${one.payload}`)),
    onBug: (error) => {
      throw error;
    },
  });
  watch.start();
  t.after(() => watch.stop());
  /** What is told at the next look, once these servers and no others are down. */
  const looks = (...down: readonly ReplicaId[]): readonly string[] => {
    nowMs += SIGHTINGS_AGE_MS;
    node.evidenceRows = [first, second, third].map(
      (replica): EvidenceRow => ({
        vantage: nodeName('node-a'),
        group: keyOf(NAME),
        replica,
        outcome: { kind: 'silent', waitedMs: 1 },
        ageMs: 1,
        answerMs: 1,
        standing: down.includes(replica) ? 'suspect' : 'alive',
      }),
    );
    watch.look();
    const heard = told;
    told = [];
    return heard;
  };
  return { ...life, looks };
}

const channelsOf = (told: readonly string[]): string[] => told.map((words) => words.split(' ')[0] ?? '');

describe('GroupWatch', () => {
  it('tells that a master is down, and after the switch that the slave which it became is', (t) => {
    const { looks, fence, promote, activate } = watched(t);
    assert.deepEqual(looks(), []);
    assert.deepEqual(looks(first), [`+sdown ${MASTER} 7101`]);
    fence('masterLost');
    assert.deepEqual(channelsOf(looks(first)).slice(0, 2), ['+odown', '+new-epoch']);
    promote(second, [third]);
    activate();
    const switched = looks(first);
    assert.deepEqual(switched.slice(-4), [
      `+switch-master ${NAME} 127.0.0.1 7101 127.0.0.1 7102`,
      `+slave ${slave(7103, 7102)}`,
      `+slave ${slave(7101, 7102)}`,
      `+sdown ${slave(7101, 7102)}`,
    ]);
    assert.deepEqual(looks(first), []);
    assert.deepEqual(looks(), [`-sdown ${slave(7101, 7102)}`]);
  });

  it('ends a failover once, when all follow that are left: not the old master, nor who is down', (t) => {
    const { looks, fence, promote, activate, markCaughtUp, changeSyncSet } = watched(t);
    fence('masterLost');
    promote(second, [third]);
    activate();
    assert.ok(!channelsOf(looks()).includes('+failover-end'));
    markCaughtUp([third]);
    assert.deepEqual(channelsOf(looks()), [
      '+slave-reconf-sent',
      '+slave-reconf-inprog',
      '+slave-reconf-done',
      '+replica-reconf-done',
      '+failover-end',
    ]);
    // The old master is back, and is a failover of its own to nobody.
    looks();
    changeSyncSet([first, third]);
    assert.deepEqual(looks(), []);
    markCaughtUp([first, third]);
    assert.deepEqual(
      looks(),
      ['+slave-reconf-sent', '+slave-reconf-inprog', '+slave-reconf-done', '+replica-reconf-done'].map(
        (channel) => `${channel} ${slave(7101, 7102)}`,
      ),
    );
  });

  it('does not wait for a slave that is down', (t) => {
    const { looks, fence, promote, activate } = watched(t);
    fence('masterLost');
    promote(second, [third]);
    activate();
    assert.ok(!channelsOf(looks(first)).includes('+failover-end'));
    assert.deepEqual(looks(first, third), [`+sdown ${slave(7103, 7102)}`, `+failover-end ${MASTER} 7102`]);
    assert.deepEqual(channelsOf(looks(first)), ['-sdown']);
  });

  it('takes a master back that answers again before another one reigned', (t) => {
    const { looks, fence, promote, activate } = watched(t);
    looks(first);
    fence('masterLost');
    promote(first, [second, third]);
    looks();
    activate(2, true);
    assert.deepEqual(looks(), [
      `-sdown ${MASTER} 7101`,
      `-odown ${MASTER} 7101`,
      `+failover-end ${MASTER} 7101`,
    ]);
    assert.deepEqual(looks(), []);
  });
});
