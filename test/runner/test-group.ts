/** Which group of test/run.ts a file belongs to, by its path from the root; null for what is no test. */
export type TestGroup = 'unit' | 'real';

export function groupOfTestFile(file: string): TestGroup | null {
  if (!file.endsWith('.test.ts') || file.startsWith('test/imports/planted/')) return null;
  return file.startsWith('test/real/') ? 'real' : 'unit';
}
