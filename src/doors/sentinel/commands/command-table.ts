/** Every command of the door by its name. */
import { acl } from './acl.ts';
import { auth } from './auth.ts';
import { client } from './client.ts';
import type { Command } from './command.ts';
import { commandInfo } from './command-info.ts';
import { echo } from './echo.ts';
import { hello } from './hello.ts';
import { info } from './info.ts';
import { ping } from './ping.ts';
import { publish } from './publish.ts';
import { quit } from './quit.ts';
import { reset } from './reset.ts';
import { role } from './role.ts';
import { select } from './select.ts';
import { checkQuorum } from './sentinel/check-quorum.ts';
import { configuration } from './sentinel/configuration.ts';
import { failover } from './sentinel/failover.ts';
import { getMasterAddress } from './sentinel/get-master-address.ts';
import { infoCache } from './sentinel/info-cache.ts';
import { isMasterDownByAddress } from './sentinel/is-master-down.ts';
import { master, masters } from './sentinel/masters.ts';
import { monitor } from './sentinel/monitor.ts';
import { myId } from './sentinel/my-id.ts';
import { debug, flushConfiguration, help, pendingScripts, simulateFailure } from './sentinel/quiet-ones.ts';
import { remove } from './sentinel/remove.ts';
import { resetMasters } from './sentinel/reset.ts';
import { sentinels } from './sentinel/sentinels.ts';
import { set } from './sentinel/set.ts';
import { replicas, slaves } from './sentinel/slaves.ts';
import { patternSubscribe, patternUnsubscribe, subscribe, unsubscribe } from './subscriptions.ts';

const byName = (commands: readonly Command[]): ReadonlyMap<string, Command> =>
  new Map(commands.map((command) => [command.name, command]));

export const COMMANDS = byName([
  acl,
  auth,
  client,
  commandInfo,
  echo,
  hello,
  info,
  ping,
  publish,
  quit,
  reset,
  role,
  select,
  subscribe,
  patternSubscribe,
  unsubscribe,
  patternUnsubscribe,
]);

/** Under their full names, such as `sentinel|master`. */
export const SUBCOMMANDS = byName([
  checkQuorum,
  configuration,
  debug,
  failover,
  flushConfiguration,
  getMasterAddress,
  help,
  infoCache,
  isMasterDownByAddress,
  master,
  masters,
  monitor,
  myId,
  pendingScripts,
  remove,
  replicas,
  resetMasters,
  sentinels,
  set,
  simulateFailure,
  slaves,
]);
