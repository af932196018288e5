/**
 * Child processes of a benchmark: started from the compiled file beside this one, spoken to over the IPC channel, one
 * question at a time. A child ends with the channel, so none outlives the benchmark, however that ends.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { z } from 'zod';

const START_TIMEOUT_MS = 30_000;

export type Forked = {
  readonly pid: number;
  /** Sends `question` and resolves with the next answer, parsed; rejects where the child ends or complains instead. */
  ask<Answer>(question: unknown, answer: z.ZodType<Answer>, timeoutMs?: number): Promise<Answer>;
  end(): Promise<void>;
};

/**
 * `file` is the name of a compiled file of this directory without its extension. `under` is a command line that runs
 * the one it is given in its own place, so that the channel stays open.
 */
export function forkBeside(
  file: string,
  under: (line: readonly string[]) => readonly string[] = (line) => line,
): Forked {
  const [execPath = process.execPath, ...execArgv] = under([process.execPath]);
  const child = fork(resolve(import.meta.dirname, `${file}.js`), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execPath,
    execArgv,
  });
  return {
    pid: child.pid ?? -1,
    ask: async (question, answer, timeoutMs = START_TIMEOUT_MS) => {
      const answered = nextMessage(child, file, timeoutMs);
      child.send(question as object);
      return answer.parse(await answered);
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function nextMessage(child: ChildProcess, file: string, timeoutMs: number): Promise<unknown> {
  return new Promise((done, fail) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      act();
    };
    const onMessage = (message: unknown): void => settle(() => done(message));
    const onExit = (code: number | null): void =>
      settle(() => fail(new Error(`the process ${file} ended with ${code}`)));
    const timer = setTimeout(
      () => settle(() => fail(new Error(`the process ${file} did not answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** The other side: answers each question in turn. An error ends the process, which the asker is told. */
export function answerQuestions<Question>(
  question: z.ZodType<Question>,
  answer: (asked: Question) => Promise<unknown>,
): void {
  process.on('message', (message: unknown) => {
    answer(question.parse(message)).then(
      (answered) => process.send?.(answered),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit(0));
}
