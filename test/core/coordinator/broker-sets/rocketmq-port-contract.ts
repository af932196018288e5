/**
 * What every RocketmqPort answers, whatever is underneath. Each case has a ground of its own, on which it sets up
 * brokers.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  BrokerAnswer,
  BrokerAsk,
  RocketmqPort,
} from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { type BrokerSetup, RUNNING } from './broker-model.ts';

/** Brokers are known by the address at which they answer. */
export type BrokerGround = {
  broker(setup: BrokerSetup): Promise<string>;
  /** An address at which nobody listens. */
  nowhere(): Promise<string>;
  /** Its process is gone. */
  kill(address: string): Promise<void>;
  /** It takes connections and answers nothing, until it goes on. */
  stall(address: string): Promise<void>;
  goOn(address: string): Promise<void>;
  /** It takes each connection and ends it before it answers. */
  cut(address: string): Promise<void>;
  port(): RocketmqPort;
  dispose(): Promise<void>;
};

/** Enough where an answer is sure to come. */
const LONG_MS = 20_000;
const SHORT_MS = 100;
const PROBE: BrokerAsk = { kind: 'probe' };
/** 0 ms: nothing was sent. */
const NEVER_SENT: BrokerAnswer = { kind: 'silent', waitedMs: 0 };
const SYSTEM_ERROR = 1;

const slave: BrokerSetup = {
  name: 'broker-a',
  brokerId: 2,
  isMaster: false,
  epochs: [
    { epoch: 1, startOffset: 0n, endOffset: 100n },
    { epoch: 3, startOffset: 100n, endOffset: RUNNING },
  ],
  maxOffset: 9_007_199_254_740_993n,
  isControllerMode: true,
};
const master: BrokerSetup = { ...slave, brokerId: 1, isMaster: true };

/** Null: the set has lost its master. */
const becomes = (masterBrokerId: number | null, masterEpoch: number): BrokerAsk => ({
  kind: 'changeRole',
  masterAddress: masterBrokerId === null ? null : '10.0.0.1:10911',
  masterBrokerId,
  masterEpoch,
  syncStateSet: [masterBrokerId ?? 1],
  syncStateSetEpoch: 7,
});

/** What a probe says, without the time that it took. */
async function seen(port: RocketmqPort, address: string): Promise<Omit<BrokerAnswer, 'answerMs'>> {
  const answer = await port.ask(address, PROBE, LONG_MS);
  if (answer.kind !== 'answered') return answer;
  const { answerMs, ...said } = answer;
  assert.ok(answerMs >= 0 && answerMs <= LONG_MS);
  return said;
}

const said = ({ name, brokerId, isMaster, epochs, maxOffset }: BrokerSetup) => ({
  kind: 'answered',
  epochs,
  maxOffset,
  brokerId: isMaster ? 0 : brokerId,
  brokerName: name,
});

export function describeRocketmqPort(name: string, makeGround: () => BrokerGround): void {
  const on = (body: (ground: BrokerGround) => Promise<void>) => async () => {
    const ground = makeGround();
    try {
      await body(ground);
    } finally {
      await ground.dispose();
    }
  };

  describe(`${name}: what every port to RocketMQ brokers answers`, () => {
    it(
      'says of a broker who it believes to be, its epochs, and how far it has come, to the last digit',
      on(async (ground) => {
        const port = ground.port();
        for (const setup of [slave, master])
          assert.deepEqual(await seen(port, await ground.broker(setup)), said(setup));
      }),
    );

    it(
      'takes an error for an answer: a broker that knows no controller is alive, and has no epochs',
      on(async (ground) => {
        const address = await ground.broker({ ...master, isControllerMode: false });
        const answer = await ground.port().ask(address, PROBE, LONG_MS);
        assert.equal(answer.kind, 'answeredError');
        assert.ok(answer.kind === 'answeredError' && answer.code === SYSTEM_ERROR && answer.remark !== '');
      }),
    );

    it(
      'has a role change acknowledged, which takes place for a higher epoch only',
      on(async (ground) => {
        const port = ground.port();
        const address = await ground.broker(slave);
        assert.deepEqual(await port.ask(address, becomes(2, 4), LONG_MS), { kind: 'acknowledged' });
        const promoted = {
          ...slave,
          isMaster: true,
          epochs: [
            { epoch: 1, startOffset: 0n, endOffset: 100n },
            { epoch: 3, startOffset: 100n, endOffset: slave.maxOffset },
            { epoch: 4, startOffset: slave.maxOffset, endOffset: RUNNING },
          ],
        };
        assert.deepEqual(await seen(port, address), said(promoted));
        for (const late of [3, 4])
          assert.deepEqual(await port.ask(address, becomes(1, late), LONG_MS), { kind: 'acknowledged' });
        assert.deepEqual(await seen(port, address), said(promoted), 'it has been in that epoch already');
        assert.deepEqual(await port.ask(address, becomes(1, 5), LONG_MS), { kind: 'acknowledged' });
        assert.deepEqual(await seen(port, address), said({ ...promoted, isMaster: false }));
      }),
    );

    it(
      'changes no role where the set has lost its master',
      on(async (ground) => {
        const port = ground.port();
        const address = await ground.broker(master);
        assert.deepEqual(await port.ask(address, becomes(null, 9), LONG_MS), { kind: 'acknowledged' });
        assert.deepEqual(await seen(port, address), said(master));
      }),
    );

    it(
      'tells who refuses: nobody was ever there, or it is gone',
      on(async (ground) => {
        const port = ground.port();
        const killed = await ground.broker(master);
        assert.equal((await port.ask(killed, PROBE, LONG_MS)).kind, 'answered');
        await ground.kill(killed);
        for (const address of [killed, await ground.nowhere()]) {
          for (const ask of [PROBE, becomes(2, 4)]) {
            const answer = await port.ask(address, ask, LONG_MS);
            assert.equal(answer.kind, 'refused');
            assert.ok(answer.kind === 'refused' && answer.error !== '');
          }
        }
      }),
    );

    it(
      'tells who cuts connections',
      on(async (ground) => {
        const address = await ground.broker(master);
        await ground.cut(address);
        for (const ask of [PROBE, becomes(2, 4)]) {
          const answer = await ground.port().ask(address, ask, LONG_MS);
          assert.equal(answer.kind, 'disconnected');
          assert.ok(answer.kind === 'disconnected' && answer.error !== '');
        }
      }),
    );

    it(
      'tells who is silent, and no late answer passes for another one',
      on(async (ground) => {
        const port = ground.port();
        const address = await ground.broker(slave);
        await ground.stall(address);
        for (const ask of [PROBE, becomes(2, 4)]) {
          const answer = await port.ask(address, ask, SHORT_MS);
          assert.equal(answer.kind, 'silent');
          // Timers may be a moment early by the clock.
          assert.ok(answer.kind === 'silent' && answer.waitedMs >= SHORT_MS - 2);
        }
        const next = port.ask(address, PROBE, LONG_MS);
        await ground.goOn(address);
        assert.equal((await next).kind, 'answered');
      }),
    );

    it(
      'asks many at once, and each answer is of the broker that was asked',
      on(async (ground) => {
        const port = ground.port();
        const setups = Array.from({ length: 40 }, (_, number) => ({
          ...slave,
          name: `broker-${number}`,
          brokerId: number + 1,
        }));
        const addresses = await Promise.all(setups.map((setup) => ground.broker(setup)));
        const answers = await Promise.all([...addresses, ...addresses].map((address) => seen(port, address)));
        assert.deepEqual(answers, [...setups, ...setups].map(said));
      }),
    );

    it(
      'sends nothing to what is no address',
      on(async (ground) => {
        for (const address of ['', 'broker', 'broker:', ':10911', '10.0.0.1:0', '10.0.0.1:65536', 'a b:1'])
          assert.deepEqual(await ground.port().ask(address, PROBE, LONG_MS), NEVER_SENT, address);
      }),
    );

    it(
      'gives up what is out when it is closed, and sends nothing after that',
      on(async (ground) => {
        const port = ground.port();
        const address = await ground.broker(slave);
        await ground.stall(address);
        const out = [PROBE, becomes(2, 4)].map((ask) => port.ask(address, ask, LONG_MS));
        await new Promise((done) => setTimeout(done, 20));
        await port.close();
        assert.deepEqual(await Promise.all(out), [NEVER_SENT, NEVER_SENT]);
        await ground.goOn(address);
        assert.deepEqual(await port.ask(address, PROBE, LONG_MS), NEVER_SENT);
        assert.equal((await ground.port().ask(address, PROBE, LONG_MS)).kind, 'answered');
      }),
    );
  });
}
