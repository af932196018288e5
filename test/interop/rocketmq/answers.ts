/**
 * What mqadmin prints, without what differs from run to run: addresses, numbers and blanks. The lines that a stock tier
 * gives are kept in a file; ours has to give each of them, and may give more.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../../support/repository.ts';

const FILE = resolve(repositoryRoot, 'test/interop/rocketmq/stock-answers.json');
const answersSchema = z.record(z.string(), z.array(z.string()));
export type Answers = z.infer<typeof answersSchema>;

export function linesOf(printed: string): readonly string[] {
  const lines = printed
    .replaceAll(/\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(,\d+)?/g, 'TIME')
    .replaceAll(/\d+\.\d+\.\d+\.\d+(:\d+)?/g, 'ADDRESS')
    // What a Raft group and its members are called is up to each tier, and so is how many peers there are.
    .replaceAll(/^(#ControllerGroup|#ControllerLeaderId|#Peer:).*$/gm, '$1 NAME')
    .replaceAll(/V\d+_\d+_\d+/g, 'VERSION')
    .replaceAll(/\d+(\.\d+)?/g, 'N')
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    // That a tool breaks off is no answer: at a stock tier that of 5.5.0 cannot read what its own electMaster gets.
    .filter((line) => line !== '' && !/^at \S+\(|^Caused by: |^\.\.\. N more|Exception: /.test(line));
  return [...new Set(lines)].sort();
}

export const stockAnswers = (): Answers =>
  existsSync(FILE) ? answersSchema.parse(JSON.parse(readFileSync(FILE, 'utf8'))) : {};

/** Those of rows that were not tried stay. */
export function keepAnswers(found: ReadonlyMap<string, readonly string[]>): void {
  const all = {
    ...stockAnswers(),
    ...Object.fromEntries([...found].map(([row, lines]) => [row, [...lines]])),
  };
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}
