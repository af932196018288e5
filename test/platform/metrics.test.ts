import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createMetrics, METRICS } from '../../src/platform/metrics.ts';
import { repositoryRoot } from '../support/repository.ts';

const readme = readFileSync(path.join(repositoryRoot, 'src/platform/README.md'), 'utf8');

describe('metrics', () => {
  it('are exactly those that the README lists, with the same words', () => {
    const row = /^\| `(pollux_\w+)` *\| (\w+) *\| ([^|]*?) *\| (.*?) *\|$/gm;
    const rows = [...readme.matchAll(row)].map(([, name, kind, labels, help]) => ({
      name,
      kind,
      labels,
      help,
    }));
    const listed = Object.entries(METRICS).map(([name, { kind, labels, help }]) => ({
      name,
      kind,
      labels: labels.join(', '),
      help,
    }));
    assert.deepEqual(rows, listed);
  });

  it('are named as Prometheus wants it: counters end in total, times are seconds', () => {
    for (const [name, { kind }] of Object.entries(METRICS)) {
      assert.equal(name.endsWith('_total'), kind === 'counter', name);
      assert.ok(!/(_ms|_millis)/.test(name), name);
      if (kind === 'histogram') assert.match(name, /_seconds$/);
    }
  });

  it('show on one page what was measured', async () => {
    const metrics = createMetrics();
    metrics.set('pollux_node_term', {}, 7);
    metrics.set('pollux_groups', { phase: 'active' }, 2);
    metrics.add('pollux_log_entries_total', {}, 3);
    metrics.add('pollux_log_entries_total', {}, 4);
    metrics.setTotal('pollux_peer_sent_messages_total', { peer: 'idc-b-1' }, 9);
    metrics.setTotal('pollux_peer_sent_messages_total', { peer: 'idc-b-1' }, 12);
    metrics.observe('pollux_log_persist_seconds', {}, 0.0004);
    const text = await metrics.text();
    assert.match(text, /^pollux_node_term 7$/m);
    assert.match(text, /^pollux_groups\{phase="active"\} 2$/m);
    assert.match(text, /^pollux_log_entries_total 7$/m);
    assert.match(text, /^pollux_peer_sent_messages_total\{peer="idc-b-1"\} 12$/m);
    assert.match(text, /^pollux_log_persist_seconds_bucket\{le="0.0005"\} 1$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
    assert.match(metrics.contentType, /^text\/plain/);
  });

  it('forget a gauge about what is gone', async () => {
    const metrics = createMetrics();
    metrics.set('pollux_group_epoch', { group: 'main/orders-a' }, 4);
    metrics.clear('pollux_group_epoch');
    assert.doesNotMatch(await metrics.text(), /orders-a/);
  });

  it('are kept apart for each node of a process', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.set('pollux_node_term', {}, 7);
    assert.match(await other.text(), /^pollux_node_term 0$/m);
  });
});
