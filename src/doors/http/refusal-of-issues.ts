/** What zod found wrong, as a refusal with the field's path and what would have been accepted. */
import type { z } from 'zod';
import { type Refusal, refused } from '../../core/primitives/refusal.ts';

type Issue = z.core.$ZodIssue;

/** Longest excerpt of a wrong value that a message repeats. */
const SHOWN_CHARACTERS = 60;

const UNITS: Readonly<Record<string, string>> = { string: 'characters', array: 'entries', record: 'entries' };

/** `part` says where the input came from: `body`, `query` or `path`. Only the first issue is told. */
export function refusalOfIssues(part: string, input: unknown, issues: readonly Issue[]): Refusal {
  const issue = issues[0];
  if (issue === undefined) return refused('invalidRequest', `The ${part} is not as documented.`).refusal;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  const field = path.length === 0 ? part : path.map(String).join('.');
  const expected = expectedOf(issue);
  const found = issue.code === 'unrecognized_keys' ? '' : `, found ${show(valueAt(input, path))}`;
  return refused('invalidRequest', `In the ${part}, ${field}: expected ${expected}${found}.`, {
    field,
    expected,
  }).refusal;
}

function expectedOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      // A schema that brings its own words says more than the name of a type.
      return issue.message.startsWith('Invalid input') ? withArticle(issue.expected) : issue.message;
    case 'invalid_value':
      return issue.values.map(String).join(' | ');
    case 'unrecognized_keys':
      return 'no field of that name';
    case 'too_small':
      return bound('at least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('at most', issue.maximum, issue.origin);
    case 'invalid_union':
      return issue.discriminator === undefined
        ? 'one of the documented shapes'
        : `a documented value of ${issue.discriminator}`;
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message;
    default:
      return issue satisfies never;
  }
}

const bound = (words: string, limit: number | bigint, origin: string): string =>
  `${words} ${limit} ${UNITS[origin] ?? ''}`.trimEnd();

const withArticle = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}
