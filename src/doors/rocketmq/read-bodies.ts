/**
 * What the bodies of registrations looked like that were read here last, so that of the next one of the same broker only
 * what is another need be read. That is good for as long as nothing but this very registration has changed the topics of
 * its set. Invariant: what is kept is bounded in bytes, and what was read longest ago goes first.
 */
import type { NamedSet, Registration } from '../../core/metadata/broker-set-state.ts';
import { isSameVersion, type RegistrationHead } from '../../core/metadata/registration-rules.ts';
import type { MetadataState } from '../../core/metadata/state.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { type TopicPrints, topicPrints } from '../../remoting/messages/changed-topics.ts';

/** Beside the checksums. */
const BYTES_BESIDE = 512;

type Kept = { readonly prints: TopicPrints; readonly registration: Registration; readonly set: NamedSet };

export class ReadBodies {
  readonly #mostBytes: number;
  /** By the broker's address. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(mostBytes: number = LIMITS.rocketmqPrintBytes) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The body was read, and what it says is in the state, unless something has happened to that since. */
  keep(state: MetadataState, { name, address, dataVersion }: RegistrationHead, body: Buffer): void {
    this.#drop(address);
    const registration = state.registrations.get(address);
    const set = state.namedSets.get(name);
    if (registration === undefined || set === undefined || registration.name !== name) return;
    if (!registration.complete || !isSameVersion(registration.dataVersion, dataVersion)) return;
    const prints = topicPrints(body);
    if (prints === null || bytesOf(prints) > this.#mostBytes) return;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes + bytesOf(prints) <= this.#mostBytes) break;
      this.#drop(oldest);
    }
    this.#kept.set(address, { prints, registration, set });
    this.#bytes += bytesOf(prints);
  }

  /** What the state has of the broker's topics, under the id that it says; null where that is not known here. */
  before(
    state: MetadataState,
    { name, address, brokerId }: Pick<RegistrationHead, 'name' | 'address' | 'brokerId'>,
  ): TopicPrints | null {
    const kept = this.#kept.get(address);
    const isUntouched =
      kept !== undefined &&
      kept.registration.brokerId === brokerId &&
      state.registrations.get(address) === kept.registration &&
      state.namedSets.get(name) === kept.set;
    return isUntouched ? kept.prints : null;
  }

  #drop(address: string): void {
    const kept = this.#kept.get(address);
    if (kept === undefined) return;
    this.#bytes -= bytesOf(kept.prints);
    this.#kept.delete(address);
  }
}

const bytesOf = ({ fromStart, fromEnd }: TopicPrints): number =>
  fromStart.byteLength + fromEnd.byteLength + BYTES_BESIDE;
