/** The applications of both IDCs while faults are tried: each in a process and on a host of its own. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, resolve } from 'node:path';
import { IDCS, type Idc, TOPIC } from '../support/ground.ts';
import type { Host } from '../support/sites.ts';
import { type Acknowledgement, type ClientTask, clientNewsSchema, monotonicMs } from './client-messages.ts';

const STOP_TIMEOUT_MS = 15_000;

export type IdcClient = {
  readonly idc: Idc;
  /** In the order in which they became known. */
  readonly acknowledged: Acknowledgement[];
  unknown: number;
  refused: number;
};

export type IdcClients = {
  readonly each: readonly IdcClient[];
  /** Ids that a reader has handled, over both IDCs. */
  readonly handled: ReadonlySet<string>;
  close(): Promise<void>;
};

export async function startClients(
  nodes: readonly string[],
  hostOf: (idc: Idc) => Promise<Host>,
): Promise<IdcClients> {
  const handled = new Set<string>();
  const started: { client: IdcClient; child: ChildProcess }[] = [];
  for (const idc of IDCS) {
    const client: IdcClient = { idc, acknowledged: [], unknown: 0, refused: 0 };
    const child = start(await hostOf(idc), { nodes, idc, topic: TOPIC, members: [...IDCS] });
    child.on('message', (message) => {
      const news = clientNewsSchema.parse(message);
      client.acknowledged.push(...news.acknowledged);
      for (const id of news.handled) handled.add(id);
      client.unknown += news.unknown;
      client.refused += news.refused;
    });
    started.push({ client, child });
  }
  return {
    each: started.map(({ client }) => client),
    handled,
    close: async () => {
      await Promise.all(
        started.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const gone = once(child, 'exit');
          const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
          if (child.connected) child.send('stop');
          else child.kill('SIGKILL');
          await gone;
          clearTimeout(timer);
        }),
      );
    },
  };
}

function start(host: Host, task: ClientTask): ChildProcess {
  const extension = extname(import.meta.filename);
  const file = resolve(import.meta.dirname, `processes/idc-client${extension}`);
  const importing = extension === '.ts' ? ['--import', 'tsx'] : [];
  return host.spawn([process.execPath, ...importing, file, JSON.stringify(task)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** Longest time without an acknowledgement between two moments, in milliseconds. */
export function longestGapMs(client: IdcClient, fromMs: number, toMs: number = monotonicMs()): number {
  let lastMs = fromMs;
  let longest = 0;
  for (const [, , , , acknowledgedMs] of client.acknowledged) {
    if (acknowledgedMs < fromMs || acknowledgedMs > toMs) continue;
    longest = Math.max(longest, acknowledgedMs - lastMs);
    lastMs = acknowledgedMs;
  }
  return Math.max(longest, toMs - lastMs);
}
