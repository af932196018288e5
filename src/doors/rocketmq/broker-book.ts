/**
 * Which brokers spoke on which connection of this node, and until when each counts as alive by what it said here. What
 * is heard goes on to the node as evidence, and so does the end of a connection, once for every broker that spoke on it.
 * Nothing is decided by it here: what this book says of a broker is shown to operators, and keeps a living one from
 * being cleaned away by mistake.
 */
import type { BrokerHeard } from '../../core/coordinator/broker-sets/broker-heard.ts';
import type { NodeFace } from '../../core/node/face.ts';
import type { ClockPort } from '../../core/node/ports.ts';
import type { GroupName } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';

/** A broker that does not say how long it may be silent. */
const HEARTBEAT_TIMEOUT_MS = 10_000;

type Identity = Pick<BrokerHeard, 'cluster' | 'name' | 'address'>;
/** What a broker last said of itself to a controller. */
export type Said = { readonly brokerId: number; readonly epoch: number };
type Spoken = Identity & { said: Said | null };
type Living = { untilMs: number; channel: number };

const identityKey = ({ cluster, name, address }: Identity): string => `${cluster}/${name}/${address}`;

export class BrokerBook {
  readonly #face: Pick<NodeFace, 'brokerHeard'>;
  readonly #clock: ClockPort;
  readonly #ofChannel = new Map<number, Map<string, Spoken>>();
  /** Oldest news first. */
  readonly #living = new Map<string, Living>();

  constructor(face: Pick<NodeFace, 'brokerHeard'>, clock: ClockPort) {
    this.#face = face;
    this.#clock = clock;
  }

  heard(heard: Exclude<BrokerHeard, { what: 'closed' }>): void {
    const { channel } = heard;
    const key = identityKey(heard);
    const brokers = this.#ofChannel.get(channel) ?? new Map<string, Spoken>();
    this.#ofChannel.set(channel, brokers);
    if (brokers.has(key) || brokers.size < LIMITS.rocketmqBrokersPerConnection) {
      const { cluster, name, address } = heard;
      const spoken = brokers.get(key) ?? { cluster, name, address, said: null };
      brokers.set(key, spoken);
      if (heard.what === 'heartbeat') {
        spoken.said = { brokerId: heard.brokerId, epoch: heard.epoch };
        this.#lives(key, heard.timeoutMs, channel);
      }
    }
    this.#face.brokerHeard(heard);
  }

  closed(channel: number): void {
    const brokers = this.#ofChannel.get(channel);
    if (brokers === undefined) return;
    this.#ofChannel.delete(channel);
    for (const [key, { cluster, name, address }] of brokers) {
      if (this.#living.get(key)?.channel === channel) this.#living.delete(key);
      this.#face.brokerHeard({ cluster, name, address, what: 'closed', channel });
    }
  }

  /** Of the broker of that set which heartbeats on this connection. */
  saidOn(channel: number, name: GroupName): Said | null {
    for (const spoken of this.#ofChannel.get(channel)?.values() ?? [])
      if (spoken.name === name && spoken.said !== null) return spoken.said;
    return null;
  }

  /** A broker spoke on it; clients do not. */
  isOfBroker(channel: number): boolean {
    return this.#ofChannel.has(channel);
  }

  /** Whether its controller heartbeats arrive here, and lately. */
  isAlive(identity: Identity): boolean {
    const living = this.#living.get(identityKey(identity));
    return living !== undefined && living.untilMs >= this.#clock.now().monotonicMs;
  }

  #lives(key: string, timeoutMs: number, channel: number): void {
    const untilMs = this.#clock.now().monotonicMs + (timeoutMs > 0 ? timeoutMs : HEARTBEAT_TIMEOUT_MS);
    this.#living.delete(key);
    this.#living.set(key, { untilMs, channel });
    for (const oldest of this.#living.keys()) {
      if (this.#living.size <= LIMITS.rocketmqBrokersHeard) break;
      this.#living.delete(oldest);
    }
  }
}
