/** The query part of a URL as plain text values; a parameter that is given twice is refused, not guessed at. */
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';

export function parseQueryText(url: string): Result<Readonly<Record<string, string>>> {
  const mark = url.indexOf('?');
  if (mark < 0) return accepted({});
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) {
    if (values.has(name)) {
      return refused('invalidRequest', `Query parameter ${name} is given more than once.`, {
        field: name,
        expected: 'one value',
      });
    }
    values.set(name, value);
  }
  return accepted(Object.fromEntries(values));
}
