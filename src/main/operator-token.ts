/**
 * The tier's first operator token. Every node brings a candidate; the node that bootstraps the tier makes its own the
 * valid one. Where the node made it itself it prints it once and keeps a copy beside its data, readable by its owner only;
 * one that was configured is a secret that somebody has already, and goes nowhere else.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MetadataState, OperatorToken } from '../core/metadata/state.ts';

export type TokenCandidate = {
  readonly plain: string;
  /** By the node: nobody else has it yet. */
  readonly isMade: boolean;
  readonly record: OperatorToken;
};

export function tokenCandidate(configured: string | null, nowWallMs: number): TokenCandidate {
  const plain = configured ?? randomBytes(24).toString('base64url');
  const sha256 = createHash('sha256').update(plain).digest('hex');
  return {
    plain,
    isMade: configured === null,
    record: { id: `operator-${randomUUID()}`, sha256, role: 'operator', createdWallMs: nowWallMs },
  };
}

/** True once the candidate has become the tier's token; then it was announced, and nothing is left to do. */
export function announceWhenValid(
  state: MetadataState,
  candidate: TokenCandidate,
  dataDirectory: string,
  print: (line: string) => void,
): boolean {
  if (!state.tokens.has(candidate.record.id)) return false;
  if (!candidate.isMade) {
    print('the operator token is the one of the configuration (operatorToken)');
    return true;
  }
  const path = join(dataDirectory, 'operator-token');
  writeFileSync(path, `${candidate.plain}\n`, { mode: 0o600 });
  print(`operator token (shown once, kept in ${path}): ${candidate.plain}`);
  return true;
}
