import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { SteerAction } from '../../../../src/core/failover/steering.ts';
import { TailParser } from '../../../../src/core/failover/tail-commands.ts';
import type { TailNote, TailPort } from '../../../../src/core/node/ports.ts';
import {
  epoch,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  term,
} from '../../../../src/core/primitives/identifiers.ts';
import type { ActionContext } from '../../../../src/drivers/redis/actions/context.ts';
import { keepTail } from '../../../../src/drivers/redis/actions/keep-tail.ts';
import { openConnection } from '../../../../src/drivers/redis/connections.ts';
import { taken } from '../../../../src/drivers/redis/outcome.ts';
import type { Hand } from '../../../../src/drivers/redis/steering-hand.ts';
import { systemTimers } from '../../../../src/platform/system-timers.ts';
import { GROUP, managedGroup, reportOf, steer, steerDone } from '../../../support/redis-group.ts';

const REVOKE = { kind: 'revoke', killClients: true, prepare: false } as const;

/** A memory twin of a node's archive. */
function memoryTails() {
  const kept: { readonly note: TailNote; readonly bytes: Uint8Array }[] = [];
  const tails: TailPort = {
    keep: async (note, bytes) => {
      kept.push({ note, bytes });
      return { node: nodeName('pollux-a'), file: 'tails/a.resp', sha256: 'ab' };
    },
  };
  return { kept, tails };
}

test('what an old master wrote beyond the cut is put aside, and it takes no write from then on', async (t) => {
  const { kept, tails } = memoryTails();
  const group = await managedGroup(t, { slaves: 1, tails });
  const { driver, master, masterTarget } = group;
  const naive = master.client();
  await naive.set('before', '1');
  const {
    offset: cut,
    lineage,
    incarnation: expectedIncarnation,
  } = await reportOf(driver, masterTarget, ({ offset }) => offset > 0n);
  // Cut off from its slave, it goes on.
  const [slaveTarget] = group.slaveTargets;
  assert.ok(slaveTarget);
  await steerDone(driver, slaveTarget, REVOKE);
  await naive.set('lost', 'a value');
  await naive.multi().set('also', '1').xadd('stream', '*', 'f', 'v').exec();
  await naive.del('before');
  const action: SteerAction = { kind: 'keepTail', expectedIncarnation, lineage, cut, epoch: epoch(2) };
  const outcome = await steer(driver, masterTarget, action);
  assert.equal(outcome.kind, 'tailKept', inspect(outcome));
  assert.ok(outcome.kind === 'tailKept');
  const { tail } = outcome;
  assert.deepEqual([tail.writes, tail.perhapsExpiries, tail.complete], [3, 1, true]);
  assert.equal(BigInt(tail.bytes), tail.offset - cut);
  const [first] = kept;
  assert.equal(first?.note.epoch, 2);
  const parser = new TailParser(first?.bytes ?? new Uint8Array(), { commands: 100, bytes: 100_000 });
  parser.advance(100_000);
  const { commands } = parser.result();
  assert.deepEqual(
    commands.filter(([name = '']) => /^(set|xadd|del)$/i.test(name)).map(([, key]) => key),
    ['lost', 'also', 'stream', 'before'],
  );
  const later = master.client();
  await assert.rejects(later.set('more', '1'), /NOREPLICAS/);
  const report = await steerDone(driver, masterTarget, REVOKE);
  assert.equal(report.offset, tail.offset, 'nothing came behind it');
  const again = await steer(driver, masterTarget, action);
  assert.match(again.kind === 'failed' ? again.detail : again.kind, /^notVerified: it is fenced already/);
});

test('a tail that the backlog has dropped, or that is of another history, is named as what it is', async (t) => {
  const { kept, tails } = memoryTails();
  const { driver, master, masterTarget } = await managedGroup(t, {
    slaves: 1,
    tails,
    config: ['repl-backlog-size 16kb'],
  });
  const { offset: cut, lineage, incarnation: expectedIncarnation } = await reportOf(driver, masterTarget);
  const naive = master.client();
  for (let write = 0; write < 100; write += 1) await naive.set(`k${write}`, 'x'.repeat(1_000));
  const action = { kind: 'keepTail', expectedIncarnation, lineage, cut, epoch: epoch(2) } as const;
  const dropped = await steer(driver, masterTarget, action);
  assert.match(dropped.kind === 'failed' ? dropped.detail : dropped.kind, /^backlogTooShort/);
  const other = await steer(driver, masterTarget, { ...action, lineage: 'another' as typeof lineage });
  assert.match(other.kind === 'failed' ? other.detail : other.kind, /^notVerified/);
  assert.deepEqual(kept, []);
});

test('a server that does not say where its backlog begins is refused, and not believed', async () => {
  const report = {
    incarnation: incarnation('run-1'),
    role: 'master',
    loading: false,
    lineage: lineage('l1'),
    secondLineage: null,
    secondOffset: 0n,
    offset: 9n,
    follows: null,
    connectedSlaves: 0,
    epoch: null,
  } as const;
  const info = [
    ['repl_backlog_active', '1'],
    ['repl_backlog_first_byte_offset', '1.5e3'],
    ['master_repl_offset', '9'],
  ] as const;
  const hand: Hand = {
    ask: async () => taken('OK'),
    askForStrings: async () => taken([]),
    transact: async () => taken([]),
    info: async () => taken(new Map(info)),
    reportFields: async () => taken(new Map(info)),
    report: async () => taken(report),
    isOpen: () => true,
    close: () => undefined,
  };
  const context: ActionContext = {
    group: GROUP,
    settings: {
      steeringSecret: 'any',
      tls: null,
      owner: { username: 'default', password: '' },
      adminUsername: null,
      applicationPassword: null,
      blackhole: { host: '127.0.0.1', port: 1 },
    },
    target: { address: '127.0.0.1:1', term: term(1), path: 0, openConnection, isCurrent: () => true },
    replica: replicaId('m'),
    timers: systemTimers,
    tails: memoryTails().tails,
    readStream: async () => assert.fail('nothing is read'),
    hand: async () => taken(hand),
  };
  const outcome = await keepTail(context, {
    kind: 'keepTail',
    expectedIncarnation: report.incarnation,
    lineage: report.lineage,
    cut: 2n,
    epoch: epoch(2),
  });
  assert.match(outcome.kind === 'failed' ? outcome.detail : outcome.kind, /^notADataServer/);
});

test('a node whose disk takes no tail says so, and goes on steering the server', async (t) => {
  const tails: TailPort = {
    keep: async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  };
  const { driver, master, masterTarget } = await managedGroup(t, { slaves: 1, tails });
  const { offset: cut, lineage, incarnation: expectedIncarnation } = await reportOf(driver, masterTarget);
  await master.client().set('lost', 'a value');
  const action = { kind: 'keepTail', expectedIncarnation, lineage, cut, epoch: epoch(2) } as const;
  const outcome = await steer(driver, masterTarget, action);
  assert.match(outcome.kind === 'failed' ? outcome.detail : outcome.kind, /^notWritten: ENOSPC/);
  await steerDone(driver, masterTarget, REVOKE);
});
