/**
 * Which version of its topics the bodies of registrations carried that were read here last, by what they look like from
 * outside. A broker with thousands of topics sends all of them every half minute; the same bytes need not be taken apart
 * again to know that they say nothing new. Bytes count as the same where length and checksum are, of the same broker.
 */
import { LIMITS } from '../../core/primitives/limits.ts';
import type { DataVersion } from '../../remoting/messages/data-version.ts';

type Kept = { readonly bytes: number; readonly checksum: number; readonly dataVersion: DataVersion };

export class RegisteredBodies {
  /** By the broker's address; the one that was read longest ago first. */
  readonly #kept = new Map<string, Kept>();

  /** Null where these bytes are new. */
  versionOf(address: string, body: Buffer, checksum: number): DataVersion | null {
    const kept = this.#kept.get(address);
    return kept?.bytes === body.length && kept.checksum === checksum ? kept.dataVersion : null;
  }

  read(address: string, body: Buffer, checksum: number, dataVersion: DataVersion): void {
    this.#kept.delete(address);
    this.#kept.set(address, { bytes: body.length, checksum, dataVersion });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= LIMITS.rocketmqBrokersHeard) break;
      this.#kept.delete(oldest);
    }
  }
}
