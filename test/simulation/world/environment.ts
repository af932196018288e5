/**
 * What a simulated node gives to the drivers of its brokers. Everything here ends with the life of the node's process:
 * timers of a crashed node never fire, and what arrives for it is dropped. While the process stands still, both wait.
 */
import type { BrokerKind } from '../../../src/core/metadata/state.ts';
import type { ClockPort, DriverPort } from '../../../src/core/node/ports.ts';
import type { NodeName, SiteName } from '../../../src/core/primitives/identifiers.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';

export type TimerHandle = { readonly id: number };

export type Timers = {
  setTimeout(run: () => void, delayMs: number): TimerHandle;
  setInterval(run: () => void, intervalMs: number): TimerHandle;
  /** Either kind; a handle that is over already is ignored. */
  clear(handle: TimerHandle): void;
};

export type NodeEnvironment = {
  readonly node: NodeName;
  readonly site: SiteName;
  readonly clock: ClockPort;
  /** Run by this node's own clock. */
  readonly timers: Timers;
  readonly random: SeededRandom;
  /** Whether something from this node gets to the servers of a site now. */
  reaches(site: SiteName): boolean;
  /** Whether something from the servers of a site gets to this node now. */
  isReachedFrom(site: SiteName): boolean;
  /**
   * Hands something that arrived to the process; `run` is called once it is awake, never if it has ended. What comes
   * over one connection stays in order when the process was paused; without a name it is the same one for all.
   */
  arrive(run: () => void, connection?: string): void;
};

export type DriverFactory = (environment: NodeEnvironment) => ReadonlyMap<BrokerKind, DriverPort>;
