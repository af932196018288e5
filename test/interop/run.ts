/**
 * `npm run -s interop -- sentinel|rocketmq`: unmodified clients and servers of other people at our doors while faults are
 * tried. Exit code 0 where every row is green, 1 where one is not, 2 for a command line that is none, 3 where something is
 * missing here to try them all (1 in continuous integration, which has to have everything). Progress goes to standard
 * error.
 */
import type { InteropCommand, Outcome } from './outcome.ts';
import { ROCKETMQ_INTEROP } from './rocketmq/command.ts';
import { SENTINEL_INTEROP } from './sentinel/command.ts';

const COMMANDS: Readonly<Record<string, InteropCommand>> = {
  sentinel: SENTINEL_INTEROP,
  rocketmq: ROCKETMQ_INTEROP,
};
const EXIT_RED = 1;
const EXIT_USAGE = 2;
const EXIT_IMPOSSIBLE = 3;
const exitImpossible = process.env['CI'] === undefined ? EXIT_IMPOSSIBLE : EXIT_RED;

const startedMs = performance.now();
const progress = (line: string): void => {
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stderr.write(`${seconds.padStart(7)} s  ${line}\n`);
};

function codeOf(name: string, command: InteropCommand, outcome: Outcome): number {
  switch (outcome.kind) {
    case 'green':
      return 0;
    case 'red':
      return EXIT_RED;
    case 'usage':
      process.stderr.write(`${outcome.problem}\n${command.usage}`);
      return EXIT_USAGE;
    case 'impossible':
      for (const why of outcome.why) process.stderr.write(`LEFT OUT of ${name}: ${why}\n`);
      return exitImpossible;
  }
}

const [, , name = '', ...parameters] = process.argv;
const command = COMMANDS[name];
if (command === undefined) {
  const usages = Object.values(COMMANDS).map(({ usage }) => usage);
  process.stderr.write(`say what to try: ${Object.keys(COMMANDS).join(' or ')}\n${usages.join('')}`);
  process.exit(EXIT_USAGE);
}
process.exit(codeOf(name, command, await command.run(parameters, progress)));
