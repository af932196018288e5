/** `pollux serve`: one node of the tier, from its configuration file to a clean stop. */
import { Command } from 'commander';
import { checkedConfiguration } from './check-configuration.ts';
import { ConfigurationError, readConfiguration } from './config.ts';
import { type RunningNode, startNode } from './node-process.ts';

/** Exit codes of `serve`: 1 for a process that had to end, 2 for a configuration that cannot be used. */
const EXIT_FATAL = 1;
const EXIT_CONFIGURATION = 2;
/** A stop that takes longer than this is ended as it is; the log is safe at any moment. */
const STOP_TIMEOUT_MS = 5_000;

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run one node of the tier')
    .requiredOption('--config <file>', 'YAML file of this node (deploy/site.example.yaml shows one)')
    .option(
      '--rejoin',
      'once, for a node whose data directory is lost or damaged: it begins with an empty one',
    )
    .option('--check', 'only say whether the file and the secrets that it names can be used')
    .action(async ({ config, check, rejoin }: { config: string; check?: true; rejoin?: true }) => {
      process.exitCode = check === true ? checkOnly(config) : await serve(config, rejoin === true);
    });

/** Opens nothing, listens nowhere, and leaves the data directory alone. */
function checkOnly(path: string): number {
  try {
    process.stdout.write(`${checkedConfiguration(path, (text) => process.stderr.write(`${text}\n`))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`pollux serve: ${error.message}\n`);
    return EXIT_CONFIGURATION;
  }
}

async function serve(path: string, isReplacement: boolean): Promise<number> {
  let ended: (code: number) => void = () => undefined;
  const end = new Promise<number>((resolve) => {
    ended = resolve;
  });
  let node: RunningNode;
  try {
    node = await startNode(readConfiguration(path), {
      print: (line) => process.stdout.write(`${line}\n`),
      onFatal: (message) => {
        process.stderr.write(`pollux serve: ${message}\n`);
        ended(EXIT_FATAL);
      },
      isReplacement,
    });
  } catch (error) {
    const expected = error instanceof ConfigurationError;
    process.stderr.write(`pollux serve: ${error instanceof Error ? error.message : String(error)}\n`);
    return expected ? EXIT_CONFIGURATION : EXIT_FATAL;
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended(0));
  const code = await end;
  setTimeout(() => process.exit(code), STOP_TIMEOUT_MS).unref();
  await node.stop(code === 0);
  return code;
}
