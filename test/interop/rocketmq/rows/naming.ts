/** A broker and a client of version 4, which know nothing of controllers and need the names alone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../support/eventually.ts';
import { Agent } from '../agent.ts';
import { propertiesOf } from '../broker.ts';
import { CLIENT_IDC, type RocketmqGround } from '../ground.ts';
import { VERSIONS } from '../jars.ts';
import { JavaProcess } from '../java-process.ts';
import type { Findings, Row } from '../row.ts';
import { EVERYWHERE } from '../topics.ts';

const NAME = 'by-name-only';
const TOPIC = 'orders-by-name-only';
const PORT = 10_911;
const COUNT = 50;
const TIMEOUT_MS = 60_000;

async function sendsAndGets(agent: Agent, topic: string, findings: Findings): Promise<void> {
  const name = `${agent.host.name}-${topic}`;
  await agent.ask('consume', name, topic, 'together');
  const { taken, last } = await agent.send(name, topic, { count: COUNT });
  findings.expect(taken === COUNT, `${name}: ${taken} of ${COUNT} were taken, the last with ${last}`);
  const got = (): number => new Set(agent.gotBy(name).flatMap(({ of, n }) => (of === name ? [n] : []))).size;
  await eventually(`${name} is consumed`, () => got() === COUNT, TIMEOUT_MS).catch(() =>
    findings.wrong.push(`${name}: ${got()} of ${COUNT} were consumed`),
  );
  await agent.ask('close', name);
}

async function byNameOnly(ground: RocketmqGround, findings: Findings): Promise<void> {
  const { sites, jars, directory, nameServers } = ground;
  const known = (name: string): boolean => {
    try {
      return sites.known(name) !== null;
    } catch {
      return false;
    }
  };
  const hostOf = (name: string) => (known(name) ? sites.known(name) : sites.host(CLIENT_IDC, name));
  const [host, clientHost] = [await hostOf(NAME), await hostOf('client-by-name-only')];
  const configFile = join(directory, `${NAME}.properties`);
  const settings = {
    brokerClusterName: NAME,
    brokerName: NAME,
    brokerId: 0,
    brokerRole: 'ASYNC_MASTER',
    brokerIP1: host.address,
    brokerIP2: host.address,
    listenPort: PORT,
    namesrvAddr: nameServers,
    storePathRootDir: join(directory, NAME),
    storePathCommitLog: join(directory, NAME, 'commitlog'),
    mapedFileSizeCommitLog: 16_777_216,
    mappedFileSizeCommitLog: 16_777_216,
    mappedFileSizeConsumeQueue: 200_000,
    maxHashSlotNum: 10_000,
    maxIndexNum: 10_000,
    diskMaxUsedSpaceRatio: 98,
    autoCreateTopicEnable: false,
  };
  writeFileSync(configFile, propertiesOf(settings));
  const version = VERSIONS.naming;
  const broker = new JavaProcess(host, {
    ...{ jars, version, main: 'org.apache.rocketmq.broker.BrokerStartup', parameters: ['-c', configFile] },
    ...{ home: join(directory, `${NAME}-home`), says: 'boot success' },
  });
  const agent = await Agent.start(clientHost, { jars, version, nameServers, directory, zone: '' });
  try {
    await broker.start();
    const made = await agent.mqadmin('updateTopic', '-n', nameServers, '-t', TOPIC, '-c', NAME);
    findings.expect(/create topic to .* success/.test(made), made);
    const looking = ground.agents[CLIENT_IDC];
    for (const { nameServer } of ground.tier.nodes)
      await eventually(
        'its topic has a route',
        () =>
          looking.ask('route', nameServer, TOPIC).then(
            () => true,
            () => false,
          ),
        TIMEOUT_MS,
      );
    await sendsAndGets(agent, TOPIC, findings);
    await sendsAndGets(ground.agents[CLIENT_IDC], TOPIC, findings);
    await sendsAndGets(agent, EVERYWHERE, findings);
    const shown = await agent.mqadmin('clusterList', '-n', nameServers);
    findings.expect(shown.includes(`${host.address}:${PORT}`), `clusterList does not show it: ${shown}`);
    const killedMs = Date.now();
    await broker.kill();
    for (const { name, nameServer } of ground.tier.nodes) {
      let said: unknown = null;
      await eventually(
        `${name} forgets a broker that died`,
        async () => {
          said = await looking.ask('route', nameServer, TOPIC).catch((error: unknown) => String(error));
          return /CODE: 17/.test(String(said));
        },
        TIMEOUT_MS,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${JSON.stringify(said)}`);
      });
    }
    findings.figure('forgotten after', Date.now() - killedMs, 'ms');
    findings.figure('sent and consumed', COUNT * 3);
  } finally {
    await agent.end();
    await broker.kill();
  }
}

export const NAMING_ROW: Row = {
  name: 'version-4',
  what: `a broker, a client and mqadmin of ${VERSIONS.naming} beside the others; the broker dies and is forgotten`,
  sideBySide: true,
  run: byNameOnly,
};
