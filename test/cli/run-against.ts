/** Runs the command line against a fake node and hands back everything that it said. */
import { runCli } from '../../src/cli/run.ts';
import { type FakeAnswer, type FakeNode, startFakeNode } from '../sdk/fake-node.ts';

export type Said = { readonly exit: number; readonly stdout: string; readonly stderr: string };

export type World = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTTY?: boolean;
  readonly fetch?: typeof fetch;
};

export async function runLine(line: readonly string[], world: World = {}): Promise<Said> {
  let stdout = '';
  let stderr = '';
  const exit = await runCli(line, {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env: world.env ?? {},
    isTTY: world.isTTY ?? false,
    fetch: world.fetch ?? globalThis.fetch,
  });
  return { exit, stdout, stderr };
}

export type Answers = Parameters<FakeNode['answerWith']>[0];

/** One line against a node of its own. `answer` may differ from question to question. */
export async function runAgainst(
  answer: Answers,
  line: readonly string[],
  world: World = {},
): Promise<Said & { readonly requests: FakeNode['requests'] }> {
  const node = await startFakeNode(() => ({ kind: 'silence' }));
  node.answerWith(answer);
  try {
    const said = await runLine(['--node', node.url, ...line], world);
    return { ...said, stdout: said.stdout.replaceAll(node.url, 'http://node'), requests: node.requests };
  } finally {
    await node.stop();
  }
}

/** Answers one after the other; the last one stays. */
export function inTurn(...answers: readonly FakeAnswer[]): Answers {
  let asked = 0;
  return () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return answer ?? { kind: 'silence' };
  };
}

/** The words of a table or page, a line each, without the space that aligns them at the end. */
export const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;
