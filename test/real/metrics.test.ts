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
  }
  const leader = await ground.tier.leader();
  const pages = await Promise.all(ground.tier.urls.map(scrape));
  assert.equal(pages.filter((text) => /^pollux_node_leader 1$/m.test(text)).length, 1);
  await eventually('the leader shows what the others see', async () => {
    const text = await scrape(leader.httpUrl);
    return ground.tier.nodes.every(({ name }) => text.includes(`vantage="${name}"`));
  });
});
