/**
 * What the writer of the failover benchmarks writes through. Everything that is counted and timed is the writer's own and
 * the same for all; only how a client finds the master, and what it calls acknowledged, is behind this.
 */
export type Written = 'acknowledged' | 'unknown' | 'refused';

export type WritingClient = {
  /** One message to one target (a topic, or what a Sentinel calls a master). Never rejects. */
  write(target: string, message: { readonly id: string; readonly body: string }): Promise<Written>;
  close(): Promise<void>;
};
