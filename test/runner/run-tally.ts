/**
 * Counts what a run really executed. A file that executed no test is a failure of the run, and so is a test
 * that was left out: both look green in the runner's own summary. It keeps why tests failed, to be said once more
 * at the end: of a long run often only the end is kept.
 */
type TestOutcome = {
  readonly name: string;
  readonly file?: string | undefined;
  readonly skip?: string | boolean | undefined;
  readonly todo?: string | boolean | undefined;
  readonly details: { readonly type?: string | undefined; readonly error?: Error | undefined };
};

export type RunVerdict = {
  readonly ok: boolean;
  readonly line: string;
  readonly problems: readonly string[];
  /** Each test that failed, with its file and the reason. */
  readonly failures: readonly string[];
};

/** The runner wraps what a test threw; a reason longer than this is in the run's own output, further up. */
const LONGEST_REASON = 1_500;

function reasonOf(error: Error | undefined): string {
  const thrown = error?.cause instanceof Error ? error.cause : error;
  return (thrown?.stack ?? 'no reason given').slice(0, LONGEST_REASON);
}

export class RunTally {
  readonly #executedByFile = new Map<string, number>();
  readonly #leftOut: string[] = [];
  readonly #failures: string[] = [];
  #passed = 0;
  #failed = 0;

  add(outcome: 'pass' | 'fail', event: TestOutcome): void {
    if (event.details.type === 'suite') {
      if (outcome === 'fail') this.#failed += 1;
      return;
    }
    if (event.skip !== undefined || event.todo !== undefined) {
      this.#leftOut.push(event.name);
      return;
    }
    if (outcome === 'fail') {
      this.#failed += 1;
      const place = event.file === undefined ? '' : ` (${event.file})`;
      this.#failures.push(`${event.name}${place}\n${reasonOf(event.details.error)}`);
    }
    // A file without tests is reported as one passed test that bears the name of the file.
    if (event.file === undefined || event.name === event.file) return;
    if (outcome === 'pass') this.#passed += 1;
    this.#executedByFile.set(event.file, (this.#executedByFile.get(event.file) ?? 0) + 1);
  }

  verdict(files: readonly string[]): RunVerdict {
    const executed = [...this.#executedByFile.values()].reduce((sum, count) => sum + count, 0);
    const problems = [
      ...files
        .filter((file) => !this.#executedByFile.has(file))
        .map((file) => `no test was executed in ${file}`),
      ...this.#leftOut.map((name) => `left out: ${name}`),
    ];
    if (executed === 0) problems.push('no test was executed at all');
    return {
      ok: problems.length === 0 && this.#failed === 0,
      line: `${this.#passed} passed, ${this.#failed} failed`,
      problems,
      failures: this.#failures,
    };
  }
}
