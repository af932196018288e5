/**
 * Plants mutants into a copy of the compiled code, so that the code under test is what ships but for one place. The
 * copy stands below the build's own directory, from where packages are found as ever.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Change, Mutant } from './mutant.ts';

/** All places of a mutant. */
export const changesOf = (mutant: Mutant): readonly Change[] => [mutant, ...(mutant.also ?? [])];

/** Why a change cannot be made; null where it can. The code has moved on, and the list has to follow it. */
export function objectionTo({ find, replace }: Change, source: string): string | null {
  const places = source.split(find).length - 1;
  if (places !== 1) return `what it replaces stands in the file ${places} times, not once`;
  return find === replace ? 'it changes nothing' : null;
}

const compilerOptions = (root: string): ts.CompilerOptions => {
  const read = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  return ts.parseJsonConfigFileContent(read.config, ts.sys, root).options;
};

export class PlantedCopy {
  readonly directory: string;
  readonly #root: string;
  readonly #options: ts.CompilerOptions;

  /** `root` is that of the repository, with `dist` built. */
  constructor(root: string) {
    this.#root = root;
    // A single file does not say of which package it is, and would be taken for one of CommonJS.
    this.#options = { ...compilerOptions(root), module: ts.ModuleKind.ESNext, sourceMap: false };
    this.directory = mkdtempSync(path.join(root, 'dist', 'mutants-'));
    for (const part of ['src', 'test/simulation', 'test/core', 'test/support'])
      cpSync(path.join(root, 'dist', part), path.join(this.directory, part), { recursive: true });
  }

  /** The copy holds this mutant, and no other, until the returned function was called. */
  plant(mutant: Mutant): () => void {
    const uproots = changesOf(mutant).map((change) => this.#change(mutant.name, change));
    return () => {
      for (const uproot of uproots) uproot();
    };
  }

  #change(name: string, change: Change): () => void {
    const { file, find, replace } = change;
    const source = readFileSync(path.join(this.#root, file), 'utf8');
    const objection = objectionTo(change, source);
    if (objection !== null) throw new Error(`${name}, ${file}: ${objection}`);
    const changed = source.replace(find, () => replace);
    const { outputText } = ts.transpileModule(changed, { compilerOptions: this.#options, fileName: file });
    const target = path.join(this.directory, file.replace(/\.ts$/, '.js'));
    const original = readFileSync(target);
    writeFileSync(target, outputText);
    return () => writeFileSync(target, original);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
