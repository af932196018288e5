/**
 * Masters of broker sets that register with name servers as RocketMQ's brokers do: each with all of its topics, at
 * every server, on a connection that stays. Their topics are the same ones, as in a cluster whose topics lie on all
 * of its sets. What they send is made before the round in which it is sent.
 */
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';
import { IDLE_MS, RemotingConnection } from '../../../src/remoting/connection.ts';
import { fieldsOf } from '../../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';
import { percentile } from '../samples.ts';

export type RegistrationPlan = {
  /** host:port of every name server. */
  readonly servers: readonly string[];
  readonly cluster: string;
  /** Ports of its brokers begin here; nobody listens at them. */
  readonly firstPort: number;
  readonly brokers: number;
  readonly topics: number;
};

export type Round = {
  readonly answered: number;
  readonly failed: number;
  /** What was said to one of those that failed. */
  readonly failure: string | null;
  readonly elapsedMs: number;
  /** Of one registration. */
  readonly bodyBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
};

type Broker = {
  readonly name: string;
  readonly address: string;
  readonly haAddress: string;
  readonly connections: readonly RemotingConnection[];
  /** Counter of its data version: one more with each change. */
  changes: number;
  body: Buffer;
};

const ANSWER_TIMEOUT_MS = 24_000;
const PORTS_APART = 10;
const QUEUES = 8;
const SIGN_BIT = 0x7fff_ffff;
const BOUNDS = {
  frameBytes: 16 * 1024 * 1024,
  outgoingBytes: 64 * 1024 * 1024,
  served: 16,
  asked: 16,
  idleMs: IDLE_MS,
};

export const topicName = (cluster: string, number: number): string => `topic-of-${cluster}-${number}`;

const DIGITS = /^[0-9]+$/;

/** As fastjson writes it, keys sorted. The change gives the first topic other numbers of queues. */
function bodyOf({ cluster, topics }: RegistrationPlan, startedAtMs: number, changes: number): Buffer {
  const version = `{"counter":${changes},"stateVersion":0,"timestamp":${startedAtMs}}`;
  const table = Array.from({ length: topics }, (_, number) => {
    const queues = number === 0 ? QUEUES + (changes % QUEUES) : QUEUES;
    const name = topicName(cluster, number);
    return (
      `"${name}":{"attributes":{},"order":false,"perm":6,"readQueueNums":${queues},"topicFilterType":"SINGLE_TAG",` +
      `"topicName":"${name}","topicSysFlag":0,"writeQueueNums":${queues}}`
    );
  });
  const wrapper =
    `{"dataVersion":${version},"mappingDataVersion":{"counter":0,"stateVersion":0,"timestamp":${startedAtMs}},` +
    `"topicConfigTable":{${table.join(',')}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}`;
  return Buffer.from(`{"filterServerList":[],"topicConfigSerializeWrapper":${wrapper}}`);
}

function dial(server: string): Promise<RemotingConnection> {
  const [host = '', port = ''] = server.split(':');
  if (!DIGITS.test(port)) throw new Error(`${server} is not host:port`);
  const socket = connect({ host, port: Number(port) });
  return new Promise((done, fail) => {
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      done(
        new RemotingConnection(socket, BOUNDS, {
          onRequest: () => ({ code: RESPONSE.success }),
          onBug: () => undefined,
          onEnd: () => undefined,
        }),
      );
    });
  });
}

export class Registrants {
  readonly #plan: RegistrationPlan;
  readonly #brokers: readonly Broker[];
  readonly #startedAtMs = Date.now();

  private constructor(plan: RegistrationPlan, brokers: readonly Broker[]) {
    this.#plan = plan;
    this.#brokers = brokers;
  }

  /** Connected, and not registered yet. */
  static async open(plan: RegistrationPlan): Promise<Registrants> {
    const brokers: Broker[] = [];
    for (let number = 0; number < plan.brokers; number += 1) {
      const port = plan.firstPort + number * PORTS_APART;
      brokers.push({
        name: `${plan.cluster}-${number}`,
        address: `127.0.0.1:${port}`,
        haAddress: `127.0.0.1:${port + 1}`,
        connections: await Promise.all(plan.servers.map(dial)),
        changes: 0,
        body: Buffer.alloc(0),
      });
    }
    const registrants = new Registrants(plan, brokers);
    registrants.#change(0);
    return registrants;
  }

  /** Each broker registers once with every server, evenly over the time. With `change`, one of its topics is another. */
  async round(everyMs: number, change: boolean): Promise<Round> {
    this.#change(change ? 1 : 0);
    const latenciesMs: number[] = [];
    let failed = 0;
    let failure: string | null = null;
    const startedMs = performance.now();
    const register = async (broker: Broker, connection: RemotingConnection): Promise<void> => {
      const askedMs = performance.now();
      const refusal = await this.#register(broker, connection);
      if (refusal === null) latenciesMs.push(performance.now() - askedMs);
      else failed += 1;
      failure ??= refusal;
    };
    await Promise.all(
      this.#brokers.map(async (broker, number) => {
        await pause((everyMs * number) / this.#brokers.length);
        await Promise.all(broker.connections.map((connection) => register(broker, connection)));
      }),
    );
    const elapsedMs = performance.now() - startedMs;
    await pause(Math.max(0, everyMs - elapsedMs));
    return {
      answered: latenciesMs.length,
      failed,
      failure,
      elapsedMs,
      bodyBytes: this.#brokers[0]?.body.length ?? 0,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      worstMs: percentile(latenciesMs, 1),
    };
  }

  close(): void {
    for (const { connections } of this.#brokers)
      for (const connection of connections) connection.destroy('the load is over');
  }

  #change(by: number): void {
    for (const broker of this.#brokers) {
      if (by === 0 && broker.body.length > 0) continue;
      broker.changes += by;
      broker.body = bodyOf(this.#plan, this.#startedAtMs, broker.changes);
    }
  }

  /** Null where it is registered, else why not. */
  async #register(broker: Broker, connection: RemotingConnection): Promise<string | null> {
    const { name, address, haAddress, body } = broker;
    const fields = fieldsOf({
      bodyCrc32: crc32(body) & SIGN_BIT,
      brokerAddr: address,
      brokerId: 0,
      brokerName: name,
      clusterName: this.#plan.cluster,
      compressed: false,
      enableActingMaster: false,
      haServerAddr: haAddress,
    });
    const outcome = await connection.request(
      { code: REQUEST.registerBroker, fields, body },
      ANSWER_TIMEOUT_MS,
    );
    if (outcome.kind !== 'answered') return `${outcome.kind} ${JSON.stringify(outcome)}`;
    const { code, remark } = outcome.answer;
    return code === RESPONSE.success ? null : `${code} ${remark}`;
  }
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });
