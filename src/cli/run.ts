/**
 * The `pollux` command without its process: arguments and a world go in, an exit code comes out. Under `--json`
 * exactly one JSON value is written to stdout, whatever happens, errors included.
 */
import { Command, CommanderError } from 'commander';
import { z } from 'zod';
import { DEFAULT_CLUSTER } from '../core/primitives/command-line.ts';
import type { CliIo } from './cli-io.ts';
import { acknowledge } from './commands/acknowledge.ts';
import { allocation } from './commands/allocation.ts';
import { brokerSet } from './commands/broker-set.ts';
import { drill } from './commands/drill.ts';
import { evacuate } from './commands/evacuate.ts';
import { failover } from './commands/failover.ts';
import { group } from './commands/group.ts';
import { history } from './commands/history.ts';
import { plan } from './commands/plan.ts';
import { returnTo } from './commands/return.ts';
import { returnRule } from './commands/return-rule.ts';
import { route } from './commands/route.ts';
import { status } from './commands/status.ts';
import { stopAutomatic } from './commands/stop-automatic.ts';
import { switchover } from './commands/switchover.ts';
import { tail } from './commands/tail.ts';
import { topic } from './commands/topic.ts';
import { connect, connectionOptionsSchema } from './connection.ts';
import { EXIT } from './exit-code.ts';
import { collect, readCount, readNodeUrl } from './option-values.ts';
import { failed, type Outcome } from './outcome.ts';
import { paintFor } from './paint.ts';
import { progressOn } from './progress.ts';
import type { Register } from './register.ts';

const globalOptionsSchema = connectionOptionsSchema.extend({
  json: z.boolean().default(false),
  cluster: z.string(),
});

const EXIT_CODES = `
Exit codes: ${EXIT.done} done, ${EXIT.refused} refused by the tier, ${EXIT.usage} wrong usage, ${EXIT.unreachable} no node answered, ${EXIT.outcomeUnknown} outcome unknown.
Environment: POLLUX_NODES (URLs, separated by commas), POLLUX_TOKEN or POLLUX_TOKEN_FILE (operator token), NO_COLOR.`;

/**
 * Runs one command line (without the two leading words of a process). Never rejects, but for a bug.
 *
 * `extraCommands` are commands that do not talk to the tier, such as `serve`; they set `process.exitCode` themselves,
 * and their code is handed back.
 */
export async function runCli(
  argv: readonly string[],
  io: CliIo,
  extraCommands: readonly Command[] = [],
): Promise<number> {
  const ended: { outcome: Outcome | null } = { outcome: null };
  const program = programFor(io, (outcome) => {
    ended.outcome = outcome;
  });
  for (const command of extraCommands) program.addCommand(command.copyInheritedSettings(program));
  const json = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined).includes('--json');
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.done;
    // Help that nobody asked for: the command line ends where a subcommand has to follow.
    const message = error.code === 'commander.help' ? 'a subcommand is missing' : error.message;
    if (json) io.stdout.write(`${JSON.stringify(failed('usage', message).json)}\n`);
    // Commander has written its own errors already; ours come from within an action.
    if (error.code.startsWith('pollux.')) io.stderr.write(`pollux: ${error.message}\n`);
    return error.code.startsWith('commander.') ? EXIT.usage : error.exitCode;
  }
  if (ended.outcome === null) return Number(process.exitCode ?? EXIT.done);
  print(io, ended.outcome, json);
  return ended.outcome.exit;
}

function print(io: CliIo, outcome: Outcome, json: boolean): void {
  if (json) {
    io.stdout.write(`${JSON.stringify(outcome.json)}\n`);
    return;
  }
  if (outcome.shown !== undefined) io.stdout.write(`${outcome.shown.trimEnd()}\n`);
  const stream = outcome.exit === EXIT.done ? io.stdout : io.stderr;
  stream.write(`${outcome.text.trimEnd()}\n`);
}

function programFor(io: CliIo, end: (outcome: Outcome) => void): Command {
  const program = new Command('pollux')
    .description('Nameserver and failover control plane of a message platform over two datacentres')
    .option(
      '--node <url>',
      'node to ask, repeatable (default: POLLUX_NODES, else http://127.0.0.1:7400)',
      collect(readNodeUrl),
    )
    .option(
      '--token-file <file>',
      'file with the operator token, for what changes something or shows data of applications',
    )
    .option('--cluster <name>', 'cluster of groups and topics', DEFAULT_CLUSTER)
    .option('--timeout <seconds>', 'how long one node may take to answer', readCount(1), 15)
    .option('--json', 'print exactly one JSON value, for scripts')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText('after', EXIT_CODES);
  const register: Register = (command, body) =>
    command.copyInheritedSettings(program).action(async (...rest) => {
      const self = rest.at(-1);
      if (!(self instanceof Command)) throw new TypeError('commander calls an action with its command last');
      const options = globalOptionsSchema.parse(self.optsWithGlobals());
      const invocation = {
        client: connect(io, options),
        cluster: options.cluster,
        paint: paintFor(io.isTTY && !options.json && (io.env['NO_COLOR'] ?? '') === ''),
        progress: progressOn(io),
      };
      end(await body(invocation, { positionals: self.args, options: self.opts() }));
    });
  const commands = [
    status,
    group,
    brokerSet,
    topic,
    route,
    allocation,
    plan,
    failover,
    switchover,
    evacuate,
    returnTo,
    returnRule,
    drill,
    acknowledge,
    history,
    tail,
    stopAutomatic,
  ];
  for (const add of commands) program.addCommand(add(register).copyInheritedSettings(program));
  return program;
}
