/**
 * A script of commands as data, and what is to be seen of it. The same script runs against real servers and against the
 * model; whatever it looks at must be the same, and where it says what that must be, it must be that.
 */

/** `$a` in a command stands for the port of server `a`. */
export type Step =
  | { readonly launch: string; readonly config?: readonly string[]; readonly withFile?: boolean }
  | { readonly kill: string }
  /** Starts it again from its file and what is on its disk. */
  | { readonly restart: string }
  | { readonly freeze: string }
  | { readonly thaw: string }
  | { readonly pauseMs: number }
  /** Commands on one connection, all at once; the connection is opened on its first use. Replies are compared. */
  | {
      readonly on: string;
      readonly by?: string;
      readonly send: readonly string[];
      /** What each line of `send` has to be answered; an error by its code after `!`. */
      readonly is?: readonly unknown[];
      /** The answers are not waited for; the connection is let go of at once. */
      readonly andLeave?: boolean;
      readonly compare?: boolean;
      /** The script goes on at once; `collect` waits for the answers. */
      readonly promise?: string;
    }
  | { readonly collect: string; readonly is: readonly unknown[] }
  /** Waits until a field of `INFO` has a value. */
  | { readonly on: string; readonly until: Readonly<Record<string, string>> }
  /** Waits until as many connections come from replicas in state online. */
  | { readonly on: string; readonly online: number }
  /** Fields of `INFO` as they are now; compared, and `are` also says what some of them must be. */
  | {
      readonly on: string;
      readonly see: readonly string[];
      readonly are?: Readonly<Record<string, string>>;
    }
  /** What the file says about following and users. */
  | { readonly file: string; readonly has?: readonly string[]; readonly lacks?: readonly string[] }
  /** Keeps the value of a field under a name; later `equals` and `differs` compare with it. */
  | { readonly on: string; readonly keep: string; readonly as: string }
  | { readonly on: string; readonly field: string; readonly equals?: string; readonly differs?: string };

export type Script = { readonly name: string; readonly steps: readonly Step[] };

/** Lines of `INFO` that say where a server stands in replication; ids are compared by their first appearance. */
export const PLACE = [
  'role',
  'master_link_status',
  'master_sync_in_progress',
  'slave_repl_offset',
  'connected_slaves',
  'master_replid',
  'master_replid2',
  'master_repl_offset',
  'second_repl_offset',
  'repl_backlog_active',
  'repl_backlog_first_byte_offset',
  'repl_backlog_histlen',
] as const;

export const linked = (server: string): Step => ({ on: server, until: { master_link_status: 'up' } });
