/**
 * The production driver of each simulated node, on model servers. What it is promised comes true in one turn of the real
 * event loop, which is waited for only after events that may have settled something.
 */
import type { DriverPort } from '../../../src/core/node/ports.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { PROBE_USER } from '../../../src/drivers/redis/access-rules.ts';
import type { ConnectionSettings } from '../../../src/drivers/redis/connections.ts';
import { createRedisDriver } from '../../../src/drivers/redis/redis-driver.ts';
import type { ClientGround } from '../redis/ground.ts';
import { modelConnections } from '../redis/model-connections.ts';
import type { ModelServer } from '../redis/model-server.ts';
import { modelStream } from '../redis/model-stream.ts';
import type { DriverFactory } from '../world/environment.ts';
import { ADMIN, type BrokerTier, STEERING_SECRET } from './broker-tier.ts';
import { keptTails } from './kept-tails.ts';

export class Turns {
  #wanted = false;
  readonly #nothing = Promise.resolve();

  want(): void {
    this.#wanted = true;
  }

  readonly settle = (): Promise<void> => {
    if (!this.#wanted) return this.#nothing;
    this.#wanted = false;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

function withTurns(driver: DriverPort, turns: Turns): DriverPort {
  const wanting =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Result) =>
    (...args: Args): Result => {
      turns.want();
      return call(...args);
    };
  return {
    watch: wanting((targets) => driver.watch(targets)),
    onObservation: (handler) => driver.onObservation(handler),
    probeFresh: wanting((target, timeoutMs) => driver.probeFresh(target, timeoutMs)),
    steer: wanting((request) => driver.steer(request)),
    close: () => driver.close(),
  };
}

type OnHeard = (node: NodeName, server: ModelServer) => void;

export const driversOf =
  (tier: () => BrokerTier, turns: Turns, onHeard: OnHeard): DriverFactory =>
  (environment) => {
    const ground: ClientGround = {
      after: (delayMs, action) => {
        const handle = environment.timers.setTimeout(() => {
          turns.want();
          action();
        }, delayMs);
        return () => environment.timers.clear(handle);
      },
      arrive: (action) =>
        environment.arrive(() => {
          turns.want();
          action();
        }),
    };
    const { plan, servers } = tier();
    const note = ({ replica, action, term, detail }: Record<string, unknown>, message: string): void =>
      tier().world.note(
        `${environment.node} ${message}: ${action} ${replica} in term ${term}${detail === undefined ? '' : `, ${detail}`}`,
      );
    const answered = ({ address, credentials }: ConnectionSettings): void => {
      const server = servers.get(address);
      if (server !== undefined && credentials?.username === PROBE_USER) onHeard(environment.node, server);
    };
    const driver = createRedisDriver(
      {
        steeringSecret: STEERING_SECRET,
        admin: ADMIN,
        applicationPassword: null,
        tls: null,
        probeIntervalMs: plan.probeIntervalMs,
        probeTimeoutMs: 2 * plan.probeIntervalMs,
      },
      {
        clock: environment.clock,
        timers: ground,
        logger: { info: note, warn: note },
        openConnection: modelConnections(ground, servers, environment.node, answered),
        readStream: modelStream(ground, servers, environment.node),
        tails: keptTails(tier, environment.node),
      },
    );
    return new Map([['redis', withTurns(driver, turns)]]);
  };
