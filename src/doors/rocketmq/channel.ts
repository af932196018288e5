/** One connection as commands see it. */
import type { SiteName } from '../../core/primitives/identifiers.ts';

export type Channel = {
  /** Unique in the life of the process. */
  readonly id: number;
  /** IP address of the other side. */
  readonly host: string;
  /** Where the address ranges place that; null where none holds it. */
  readonly siteByAddress: SiteName | null;
  /** `host:port` at which the other side came in: it can reach this node there. */
  readonly cameInAt: string;
  /** Ends the connection once what was answered is written. */
  closeSoon(why: string): void;
};
