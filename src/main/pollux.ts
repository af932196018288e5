#!/usr/bin/env node
/** The `pollux` command: `serve` runs a node of the tier, everything else talks to one. */
import { runCli } from '../cli/run.ts';
import { serveCommand } from './serve.ts';

process.exitCode = await runCli(
  process.argv.slice(2),
  {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    fetch: globalThis.fetch,
  },
  [serveCommand()],
);
