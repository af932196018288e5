/** What is done while clients write, and in which order they ask the nodes. */
import { pause } from './client-line.ts';
import { CLIENT_IDC, doorAt, type InteropGround, MASTER_IDC } from './ground.ts';

/** How long a master stands still: longer than it takes to be replaced. */
const STOPPED_MS = 5_000;

export type Fault = {
  readonly name: string;
  readonly what: string;
  /** Before the clients start. */
  readonly prepare?: (ground: InteropGround) => Promise<void>;
  /** Ends once another master reigns. */
  readonly run: (ground: InteropGround) => Promise<void>;
  /** Nothing may be lost, even of what nobody waited for. */
  readonly isLossless: boolean;
};

export const FAULTS: readonly Fault[] = [
  {
    name: 'kill',
    what: 'the master is ended with SIGKILL',
    isLossless: false,
    run: async (ground) => {
      const epoch = await ground.epoch();
      await (await ground.master()).kill();
      await ground.failsOver(epoch);
    },
  },
  {
    name: 'stop-and-continue',
    what: `the master stands still for ${STOPPED_MS / 1_000} s (SIGSTOP), and goes on as if nothing had been`,
    isLossless: false,
    run: async (ground) => {
      const epoch = await ground.epoch();
      const master = await ground.master();
      const stoppedMs = performance.now();
      master.signal('SIGSTOP');
      await ground.failsOver(epoch);
      await pause(Math.max(0, stoppedMs + STOPPED_MS - performance.now()));
    },
  },
  {
    name: 'switchover',
    what: 'a planned move to another master',
    isLossless: true,
    run: (ground) => ground.switchOver(),
  },
  {
    name: 'stale-node',
    what: 'the node that clients ask first is cut off from the other nodes, not from the clients; then a planned move',
    isLossless: true,
    prepare: async (ground) => {
      const stale = doorAt(ground, CLIENT_IDC);
      await ground.sites.cut(
        stale.name,
        ground.doors.filter((door) => door !== stale).map(({ name }) => name),
      );
      await ground.refuses(stale);
    },
    run: (ground) => ground.switchOver(),
  },
  {
    name: 'cut-off-site',
    what: "the master's IDC, with a node, is cut off from everything; the clients stand in the other IDC",
    isLossless: false,
    run: async (ground) => {
      const epoch = await ground.epoch();
      await ground.sites.cut(MASTER_IDC, [CLIENT_IDC, 'witness']);
      await ground.failsOver(epoch);
    },
  },
];
