/**
 * Plants mutants into a copy of the compiled code, so that the code under test is what ships but for one place. The
 * copy stands below the build's own directory, from where packages are found as ever.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Mutant } from './mutant.ts';

/** Why a mutant cannot be planted; null where it can. The code has moved on, and the list has to follow it. */
export function objectionTo({ find, replace }: Mutant, source: string): string | null {
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
    const source = readFileSync(path.join(this.#root, mutant.file), 'utf8');
    const objection = objectionTo(mutant, source);
    if (objection !== null) throw new Error(`${mutant.name}, ${mutant.file}: ${objection}`);
    const changed = source.replace(mutant.find, () => mutant.replace);
    const { outputText } = ts.transpileModule(changed, {
      compilerOptions: this.#options,
      fileName: mutant.file,
    });
    const target = path.join(this.directory, mutant.file.replace(/\.ts$/, '.js'));
    const original = readFileSync(target);
    writeFileSync(target, outputText);
    return () => writeFileSync(target, original);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
