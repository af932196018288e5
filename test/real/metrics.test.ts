/** What a node with real servers shows to Prometheus. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, prepareGround } from '../support/ground.ts';

let ground: Ground;

before(async () => {
  ground = await prepareGround({ layout: [{ group: 'orders-a', sites: ['idc-a', 'idc-b'] }] });
});

after(() => ground.close());

const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

test('every node shows how fast it is answered, and what it has written and sent', async () => {
  for (const { name, httpUrl } of ground.tier.nodes) {
    const page = await eventually(`${name} has heard the servers`, async () => {
      const text = await scrape(httpUrl);
      const times = [...text.matchAll(/^pollux_replica_answer_seconds\{(.*)\} (\S+)$/gm)];
      const own = times.filter(([, labels]) => labels?.includes(`vantage="${name}"`));
      return own.length === 2 && own.every(([, , seconds]) => Number(seconds) > 0) ? text : null;
    });
    assert.match(page, /^pollux_group_epoch\{group="[^"]*orders-a"\} 1$/m);
    assert.match(page, /^pollux_log_persist_seconds_count [1-9]/m);
    assert.match(page, /^pollux_peer_sent_messages_total\{peer="[^"]*"\} [1-9]/m);
    assert.match(page, /^pollux_members_joined 3$/m);
    const own = `group="[^"]*orders-a",replica="orders-a-1",vantage="${name}"`;
    assert.match(page, new RegExp(`^pollux_replica_probe_seconds_count\\{${own}\\} [1-9]`, 'm'));
  }
  const leader = await ground.tier.leader();
  const pages = await Promise.all(ground.tier.urls.map(scrape));
  assert.equal(pages.filter((text) => /^pollux_node_leader 1$/m.test(text)).length, 1);
  await eventually('the leader shows what the others see', async () => {
    const text = await scrape(leader.httpUrl);
    return ground.tier.nodes.every(({ name }) => text.includes(`vantage="${name}"`));
  });
});

test('a failover shows in the counters of the node that led, and a group that is given back in none', async () => {
  const master = ground.groups[0]?.servers[0];
  assert.ok(master !== undefined);
  await master.redis.kill();
  await eventually('the group has failed over', async () => {
    const { epoch, phase } = await ground.group('orders-a');
    return epoch === 2 && phase.kind === 'active';
  });
  await eventually('one node has counted it', async () => {
    const pages = await Promise.all(ground.tier.urls.map(scrape));
    const counting = pages.filter((text) =>
      /^pollux_moves_total\{reason="masterLost",outcome="completed"\} 1$/m.test(text),
    );
    const [page] = counting;
    if (counting.length !== 1 || page === undefined) return false;
    assert.match(page, /^pollux_suspicions_total\{outcome="carriedOut"\} 1$/m);
    assert.match(page, /^pollux_move_phase_seconds_count\{phase="whole"\} [1-9]/m);
    assert.match(page, /^pollux_replica_probe_failures_total\{.*outcome="refused"\} [1-9]/m);
    return /^pollux_group_active\{group="[^"]*orders-a"\} 1$/m.test(page);
  });
  const removed = async (path: string) => {
    const answer = await ground.tier.call('DELETE', path);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  await removed('/v1/topics/orders');
  await removed('/v1/groups/orders-a');
  for (const { name, httpUrl } of ground.tier.nodes) {
    await eventually(`${name} shows nothing of the group`, async () => {
      const lines = (await scrape(httpUrl)).split('\n');
      return !lines.some((line) => line.includes('orders-a'));
    });
  }
});
