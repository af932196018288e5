/**
 * Which nodes to ask, and with which token. What is on the command line goes before what is in the environment; the
 * token itself is never taken from the command line, where every user of the machine could read it.
 */
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { AdminClient } from '../sdk/admin-client.ts';
import type { CliIo } from './cli-io.ts';
import { EXIT } from './exit-code.ts';
import { readNodeUrl } from './option-values.ts';

const DEFAULT_NODE = 'http://127.0.0.1:7400';
/** More would be a file that was named by mistake. */
const LONGEST_TOKEN = 1_024;
const MOST_NODES = 16;

export const connectionOptionsSchema = z.object({
  node: z.array(z.string()).optional(),
  tokenFile: z.string().optional(),
  timeout: z.number(),
});

const usage = (message: string): CommanderError => new CommanderError(EXIT.usage, 'pollux.usage', message);

/** Throws CommanderError for what is a usage error. */
export function connect(io: CliIo, options: z.infer<typeof connectionOptionsSchema>): AdminClient {
  const nodes = options.node ?? nodesOfEnvironment(io.env['POLLUX_NODES']);
  if (nodes.length > MOST_NODES)
    throw usage(`${nodes.length} nodes are given; at most ${MOST_NODES} can be asked`);
  return new AdminClient({
    nodes,
    token: tokenOf(io, options.tokenFile),
    timeoutMs: options.timeout * 1_000,
    fetch: io.fetch,
  });
}

function nodesOfEnvironment(text: string | undefined): readonly string[] {
  const named = (text ?? '').split(',').filter((part) => part.trim() !== '');
  try {
    return named.length === 0 ? [DEFAULT_NODE] : named.map((part) => readNodeUrl(part.trim()));
  } catch (error) {
    throw error instanceof CommanderError ? usage(`POLLUX_NODES: ${error.message}`) : error;
  }
}

function tokenOf(io: CliIo, file: string | undefined): string | null {
  if (file !== undefined) return tokenInFile(file, '--token-file');
  const { POLLUX_TOKEN: token, POLLUX_TOKEN_FILE: named } = io.env;
  if (token !== undefined && token !== '') return tokenOfText(token, 'POLLUX_TOKEN');
  return named === undefined || named === '' ? null : tokenInFile(named, 'POLLUX_TOKEN_FILE');
}

function tokenInFile(file: string, source: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw usage(`${source}: cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return tokenOfText(text, `${source}: ${file}`);
}

/** Never shows what it was given: a text that is no token may be another secret. */
function tokenOfText(text: string, source: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token) || token.length > LONGEST_TOKEN) {
    throw usage(
      `${source} does not hold a token: expected one line of 1 to ${LONGEST_TOKEN} visible characters`,
    );
  }
  return token;
}
