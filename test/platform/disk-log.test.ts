import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ClassicLevel } from 'classic-level';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { DamagedLogError, LogInUseError } from '../../src/platform/damaged-log-error.ts';
import { type DiskLog, diskLogIsEmpty, openDiskLog } from '../../src/platform/disk-log.ts';
import { repositoryRoot } from '../support/repository.ts';
import { batchOf, describeLog, entriesOf, voted } from './log-contract.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const node = nodeName('idc-a-1');
/** Of util-linux, which every Debian has. */
const fileSizeLimiter = 'prlimit';

describeLog('disk log', async () => {
  const directory = temporaryDirectory();
  return {
    open: () => openDiskLog({ directory: directory.path, node }),
    dispose: async () => directory.remove(),
  };
});

describe('disk log: its directory', () => {
  let directory: TemporaryDirectory;
  const opened: DiskLog[] = [];
  const cleanups: (() => Promise<void>)[] = [];
  const open = async (name = node): Promise<DiskLog> => {
    const log = await openDiskLog({ directory: directory.path, node: name });
    opened.push(log);
    return log;
  };

  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
    await Promise.all(opened.splice(0).map((log) => log.close()));
    directory.remove();
  });

  /** Another process with the log open; it ends with the test at the latest. */
  function runLogProcess(script: string) {
    const opening = `
      import { openDiskLog } from '${join(repositoryRoot, 'src/platform/disk-log.ts')}';
      const log = await openDiskLog({ directory: process.argv[1], node: 'idc-a-1' });
      await log.load();
      process.stdout.write('ready');
    `;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', opening + script, directory.path],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (data) => {
      output += String(data);
      child.stdout.emit('more');
    });
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    cleanups.push(kill);
    return {
      pid: child.pid,
      ended,
      kill,
      tell: (line: string) => child.stdin.write(`${line}\n`),
      /** Waits for the end of its output so far, and takes it. */
      says: async (expected: string | RegExp): Promise<string> => {
        const isIt = () => (typeof expected === 'string' ? output.endsWith(expected) : expected.test(output));
        while (!isIt()) {
          const more = await Promise.race([once(child.stdout, 'more'), ended.then(() => null)]);
          assert.ok(more !== null || isIt(), `it ended, having said ${output}`);
        }
        const said = output;
        output = '';
        return said;
      },
    };
  }

  it('tells a first start from a directory that has held a log', async () => {
    assert.equal(diskLogIsEmpty(directory.path), true);
    assert.equal(diskLogIsEmpty(join(directory.path, 'absent')), true);
    await (await open()).close();
    assert.equal(diskLogIsEmpty(directory.path), false);
  });

  it('takes a directory whose first start was interrupted as empty', async () => {
    mkdirSync(join(directory.path, 'log'));
    writeFileSync(join(directory.path, 'log', 'MANIFEST-000001'), '');
    assert.equal(diskLogIsEmpty(directory.path), true);
    await (await open()).load();
  });

  it('goes on where a power cut left a first start, also where its remains do not open', async () => {
    mkdirSync(join(directory.path, 'log.new'));
    writeFileSync(join(directory.path, 'log.new', 'CURRENT'), 'MANIFEST-000001\n');
    writeFileSync(join(directory.path, 'log.new', 'MANIFEST-000001'), '');
    assert.equal(diskLogIsEmpty(directory.path), true);
    const log = await open();
    await log.load();
    await log.persist(batchOf({ hardState: voted(1) }));
    await log.close();
    assert.deepEqual(readdirSync(directory.path).sort(), ['acknowledged', 'log']);
    assert.equal((await (await open()).load()).hardState.term, 1);
  });

  it('refuses the directory of another node and says whose it is', async () => {
    await (await open()).close();
    await assert.rejects(open(nodeName('idc-b-1')), (error) => {
      assert.ok(error instanceof DamagedLogError);
      assert.match(error.message, /the log of node idc-a-1.*Point node idc-b-1 at its own data directory/);
      return true;
    });
    // The refusal left nothing behind: its owner still opens it.
    await (await open()).load();
  });

  it('refuses to be opened twice in one process, and opens once the first is closed', async () => {
    const first = await open();
    await assert.rejects(
      open(),
      (error) => error instanceof LogInUseError && /another process/.test(error.message),
    );
    await first.load();
    await first.persist(batchOf({ hardState: voted(1) }));
    await first.close();
    assert.equal((await (await open()).load()).hardState.term, 1);
  });

  it('refuses to be opened while another process holds it; that one killed, nothing acknowledged is lost', async () => {
    const child = runLogProcess(`
      await log.persist({ hardState: { term: 7, votedFor: 'idc-b-1', commitIndex: 0 }, snapshot: null,
        truncateFrom: null, entries: [{ index: 1, term: 7, kind: 'command', data: Buffer.from('kept') }], compactBelow: null });
      process.stdout.write('acknowledged');
      setInterval(() => undefined, 1000);
    `);
    await child.says('acknowledged');
    await assert.rejects(open(), LogInUseError);
    await child.kill();
    const restored = await (await open()).load();
    assert.deepEqual(restored.hardState, voted(7, 'idc-b-1'));
    assert.equal(Buffer.from(restored.entries[0]?.data ?? []).toString(), 'kept');
  });

  it('remembers the tier it belongs to and refuses another', async () => {
    const log = await open();
    assert.equal(log.identity().tierId, null);
    await log.load();
    await log.bindTier('tier-1');
    await log.close();
    const again = await open();
    assert.equal(again.identity().tierId, 'tier-1');
    await again.load();
    await again.bindTier('tier-1');
    await assert.rejects(again.bindTier('tier-2'), DamagedLogError);
  });

  /** Entries 1 to `last` of term 1, ten in each batch. */
  async function persistTens(log: DiskLog, last: number): Promise<void> {
    await log.persist(batchOf({ hardState: voted(1) }));
    for (let from = 1; from <= last; from += 10)
      await log.persist(batchOf({ entries: entriesOf(from, from + 9, 1) }));
  }

  it('deletes on disk what is behind a snapshot, a bounded number of entries in each batch', async () => {
    const log = await open();
    await log.load();
    const last = LIMITS.deletesPerPersist + 12;
    await persistTens(log, last);
    const snapshot = { index: last, term: 1, data: Buffer.from('all') };
    await log.persist(batchOf({ hardState: voted(1, null, last), snapshot, compactBelow: last + 1 }));
    await log.close();
    assert.equal(await countBlocks(), 2, 'one that still holds what must wait, and the last');
    const again = await open();
    await again.load();
    await again.close();
    assert.equal(await countBlocks(), 0);
  });

  it('deletes on disk a tail that was replaced, but for what shares a block with what stays', async () => {
    const log = await open();
    await log.load();
    await persistTens(log, 50);
    await log.persist(batchOf({ truncateFrom: 15 }));
    await log.close();
    assert.equal(await countBlocks(), 2);
    assert.equal((await (await open()).load()).entries.length, 14);
  });

  async function countBlocks(): Promise<number> {
    const database = new ClassicLevel<Buffer, Buffer>(join(directory.path, 'log'), { keyEncoding: 'buffer' });
    const keys = await database.keys({ gte: Buffer.from('e'), lt: Buffer.from('f') }).all();
    await database.close();
    return keys.length;
  }

  it('rejects once the disk takes no more, and every batch after it; what was acknowledged is there', async () => {
    const child = runLogProcess(`
      let acknowledged = 0;
      let rejected = 0;
      process.stdin.once('data', async () => {
        const data = Buffer.alloc(1000);
        while (rejected < 3) {
          const index = acknowledged + rejected + 1;
          const batch = { hardState: { term: 1, votedFor: null, commitIndex: 0 }, snapshot: null, truncateFrom: null,
            entries: [{ index, term: 1, kind: 'command', data }], compactBelow: null };
          await log.persist(batch).then(() => { acknowledged += 1; }, () => { rejected += 1; });
        }
        process.stdout.write(String(acknowledged), () => process.exit(0));
      });
    `);
    await child.says('ready');
    // A limit on the size of its files stands in for a full disk.
    execFileSync(fileSizeLimiter, ['--pid', String(child.pid), '--fsize=50000']);
    child.tell('go');
    const acknowledged = Number(await child.says(/^\d+$/));
    await child.ended;
    assert.ok(acknowledged > 10 && acknowledged < 100, `${acknowledged} batches were acknowledged`);
    const { entries } = await (await open()).load();
    assert.ok(entries.length >= acknowledged, `${entries.length} of ${acknowledged} are there`);
  });
});
