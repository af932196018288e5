/** Which group of test/run.ts a file belongs to, by its path from the root; null for what is no test. */
export type TestGroup = 'unit' | 'real';

export function groupOfTestFile(file: string): TestGroup | null {
  if (!file.endsWith('.test.ts') || file.startsWith('test/imports/planted/')) return null;
  return file.startsWith('test/real/') ? 'real' : 'unit';
}

/** Of `real`: files that measure time, or keep every processor busy by themselves. */
export const ALONE: ReadonlySet<string> = new Set([
  'test/real/benchmarks.test.ts',
  'test/real/faults.test.ts',
  'test/real/planted-bugs.test.ts',
  'test/real/rocketmq-registrations.test.ts',
  'test/real/sites.test.ts',
  'test/real/stalled-node.test.ts',
]);

/** Whether no other test file may run beside this one. */
export const needsTheMachineAlone = (file: string): boolean => ALONE.has(file);
