/** A client of the table: who it is, and the command line that runs its program. */
import { extname, resolve } from 'node:path';
import { repositoryRoot } from '../../support/repository.ts';

export type Client = {
  readonly name: string;
  /** Beside its defaults; empty where it has nothing but those. */
  readonly options: string;
  /** What this machine lacks to run it, or the version that it has. */
  readonly find: () => Promise<Found>;
  /** Its program, before the words of its call. */
  readonly program: readonly string[];
  /** A queue ends by itself and says what was lost; a writer is ended. */
  readonly isQueue?: boolean;
};

export type Found =
  | { readonly kind: 'found'; readonly version: string }
  | { readonly kind: 'missing'; readonly why: string };

export const found = (version: string): Found => ({ kind: 'found', version });
export const missing = (why: string): Found => ({ kind: 'missing', why });

/** A program of ours that Node runs, built or not. */
export function nodeProgram(name: string): readonly string[] {
  const extension = extname(import.meta.filename);
  const file = resolve(import.meta.dirname, `processes/${name}${extension}`);
  return [process.execPath, ...(extension === '.ts' ? ['--import', 'tsx'] : []), file];
}

/** One in another language stays where its source is. */
export const sourceFile = (name: string): string => resolve(repositoryRoot, 'test/interop/sentinel', name);
