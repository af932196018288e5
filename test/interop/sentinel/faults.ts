/** What is done while clients write, and in which order they ask the nodes. */
import { pause } from './client-line.ts';
import { CLIENT_IDC, doorAt, type InteropGround, MASTER_IDC, serversAt } from './ground.ts';

/** How long a master stands still: longer than it takes to be replaced. */
const STOPPED_MS = 5_000;
/** Longer than clients take to notice that the node which they listen to says nothing more. */
const HALF_CUT_MS = 8_000;

export type Fault = {
  readonly name: string;
  readonly what: string;
  /** Before the clients start. */
  readonly prepare?: (ground: InteropGround) => Promise<void>;
  /** Whose door clients ask first; that of their own IDC without it. */
  readonly asksFirst?: string;
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
    name: 'half-cut-site',
    what: "the master's IDC, with the node that clients ask first, is cut off from all but the clients, who can reach everything",
    isLossless: false,
    asksFirst: MASTER_IDC,
    run: async (ground) => {
      const epoch = await ground.epoch();
      const others = ground.doors.filter(({ site }) => site !== MASTER_IDC).map(({ name }) => name);
      await ground.sites.cut(MASTER_IDC, [...others, ...serversAt(CLIENT_IDC)]);
      const cutMs = performance.now();
      await ground.failsOver(epoch);
      await pause(Math.max(0, cutMs + HALF_CUT_MS - performance.now()));
    },
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
