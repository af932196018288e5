/**
 * Bodies of registrations as they were read here last, so that of the next one of the same broker only what is another
 * need be read. One is good for that as long as nothing but this very registration has changed the topics of its set.
 * Invariant: what is kept is bounded in bytes, and what was read longest ago goes first.
 */
import type { NamedSet, Registration } from '../../core/metadata/broker-set-state.ts';
import { isSameVersion, type RegistrationHead } from '../../core/metadata/registration-rules.ts';
import type { MetadataState } from '../../core/metadata/state.ts';
import { LIMITS } from '../../core/primitives/limits.ts';

type Kept = { readonly body: Buffer; readonly registration: Registration; readonly set: NamedSet };

export class ReadBodies {
  readonly #mostBytes: number;
  /** By the broker's address. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(mostBytes: number = LIMITS.rocketmqReadBodyBytes) {
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
    if (body.length > this.#mostBytes) return;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes + body.length <= this.#mostBytes) break;
      this.#drop(oldest);
    }
    // Its memory may be twice as long as it is.
    this.#kept.set(address, { body: Buffer.from(body), registration, set });
    this.#bytes += body.length;
  }

  /** What the state has of the broker's topics, under the id that it says; null where that is not known here. */
  before(
    state: MetadataState,
    { name, address, brokerId }: Pick<RegistrationHead, 'name' | 'address' | 'brokerId'>,
  ): Buffer | null {
    const kept = this.#kept.get(address);
    const isUntouched =
      kept !== undefined &&
      kept.registration.brokerId === brokerId &&
      state.registrations.get(address) === kept.registration &&
      state.namedSets.get(name) === kept.set;
    return isUntouched ? kept.body : null;
  }

  #drop(address: string): void {
    this.#bytes -= this.#kept.get(address)?.body.length ?? 0;
    this.#kept.delete(address);
  }
}
