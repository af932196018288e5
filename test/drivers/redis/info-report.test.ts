import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import {
  countKeys,
  hasBacklog,
  majorVersion,
  parseInfo,
  serverReport,
} from '../../../src/drivers/redis/info-report.ts';

const ZEROS = '0'.repeat(40);
const MASTER = {
  redis_version: '7.0.15',
  run_id: 'run-1',
  loading: '0',
  role: 'master',
  connected_slaves: '2',
  master_replid: 'lineage-1',
  master_replid2: ZEROS,
  master_repl_offset: '9007199254740993',
  second_repl_offset: '-1',
  repl_backlog_active: '1',
};
const SLAVE = {
  ...MASTER,
  role: 'slave',
  connected_slaves: '0',
  master_host: '10.0.0.7',
  master_port: '7101',
  master_link_status: 'up',
  master_last_io_seconds_ago: '0',
  master_sync_in_progress: '0',
  slave_repl_offset: '420',
  master_repl_offset: '500',
  master_replid2: 'lineage-0',
  second_repl_offset: '301',
};

const textOf = (fields: Record<string, string>): string =>
  ['# Replication', ...Object.entries(fields).map(([name, value]) => `${name}:${value}`), ''].join('\r\n');
const reportFrom = (fields: Record<string, string>) => serverReport(parseInfo(textOf(fields)));

test('a master reports its stream, exact beyond 2^53', () => {
  assert.deepEqual(reportFrom(MASTER), {
    incarnation: 'run-1',
    role: 'master',
    loading: false,
    lineage: 'lineage-1',
    secondLineage: null,
    secondOffset: 0n,
    offset: 9007199254740993n,
    follows: null,
    connectedSlaves: 2,
    epoch: null,
  });
});

test('a slave reports what it processed, whom it follows, and how far it shares its former lineage', () => {
  const report = reportFrom(SLAVE);
  assert.equal(report?.offset, 420n);
  assert.equal(report?.secondLineage, 'lineage-0');
  assert.equal(report?.secondOffset, 300n);
  assert.deepEqual(report?.follows, {
    address: '10.0.0.7:7101',
    linkUp: true,
    syncing: false,
    lastReceivedSecondsAgo: 0,
  });
});

test('a slave that never synchronised holds nothing, whatever it claims to have processed', () => {
  const fresh = { ...SLAVE, slave_repl_offset: '1', master_repl_offset: '0', repl_backlog_active: '0' };
  assert.equal(reportFrom(fresh)?.offset, 0n);
  const resyncing = { ...SLAVE, slave_repl_offset: '1', master_repl_offset: '900', repl_backlog_active: '1' };
  assert.equal(reportFrom(resyncing)?.offset, 1n);
});

test('loading, syncing and an IPv6 master are seen', () => {
  const report = reportFrom({ ...SLAVE, loading: '1', master_sync_in_progress: '1', master_host: '::1' });
  assert.equal(report?.loading, true);
  assert.equal(report?.follows?.syncing, true);
  assert.equal(report?.follows?.address, '[::1]:7101');
  assert.equal(reportFrom({ ...MASTER, async_loading: '1' })?.loading, true);
});

test('an answer without role, run id, lineage or offset is no report', () => {
  for (const name of ['role', 'run_id', 'master_replid', 'master_repl_offset']) {
    const fields: Record<string, string> = { ...MASTER };
    delete fields[name];
    assert.equal(reportFrom(fields), null, name);
  }
  assert.equal(reportFrom({ ...MASTER, role: 'sentinel' }), null);
  assert.equal(reportFrom({ ...MASTER, master_repl_offset: '12x' }), null);
});

test('an answer with words or numbers that no server says, and that nodes could not tell each other, is no report', () => {
  const long = 'x'.repeat(LIMITS.opaqueCharacters + 1);
  for (const strange of [
    { run_id: long },
    { master_replid: long },
    { master_replid2: long },
    { master_host: long },
    { slave_repl_offset: '-1' },
    { slave_repl_offset: '9'.repeat(30) },
    { second_repl_offset: '9'.repeat(30) },
    { connected_slaves: '-1' },
    { connected_slaves: '9'.repeat(400) },
    { master_last_io_seconds_ago: '9'.repeat(400) },
  ]) {
    assert.equal(reportFrom({ ...SLAVE, ...strange }), null, Object.keys(strange).join());
  }
  assert.notEqual(reportFrom({ ...SLAVE, master_last_io_seconds_ago: '-1' }), null);
});

test('any text is parsed without an exception', () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, fields) => {
      serverReport(parseInfo(text));
      serverReport(parseInfo(textOf({ ...MASTER, ...fields })));
    }),
  );
});

test('keys are counted over all databases, versions read by their first number', () => {
  assert.equal(countKeys(parseInfo('db0:keys=2,expires=0\r\ndb12:keys=40,expires=1\r\ndbx:keys=9')), 42n);
  assert.equal(majorVersion(parseInfo('redis_version:7.0.15')), 7);
  assert.equal(majorVersion(parseInfo('redis_version:')), 0);
  assert.equal(hasBacklog(parseInfo('repl_backlog_active:1')), true);
  assert.equal(hasBacklog(parseInfo('')), false);
});
