/**
 * The IDC that this process stands in: what the application says, else the environment, else a file that the
 * machine's provisioning wrote; where nobody says, the node looks up the client's address.
 */
import { readFileSync } from 'node:fs';
import { nameSchema } from '../contract/scalars.ts';
import { accepted, type Result, refused } from '../core/primitives/refusal.ts';

export const IDC_VARIABLE = 'POLLUX_IDC';
export const IDC_FILE = '/etc/pollux/idc';

export type IdcSources = {
  readonly option: string | undefined;
  readonly environment: string | undefined;
  readonly file: string;
};

/** Null where nobody says. Refused with invalidRequest when what is said is not a name: it is never guessed past. */
export function ownIdc(sources: IdcSources): Result<string | null> {
  const { option, environment, file } = sources;
  if (option !== undefined) return checked(option, 'the option `idc`');
  if (environment !== undefined && environment !== '')
    return checked(environment, `the variable ${IDC_VARIABLE}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    // No file is the ordinary case: the machine does not say.
    return accepted(null);
  }
  return text === '' ? accepted(null) : checked(text, `the file ${file}`);
}

function checked(value: string, source: string): Result<string> {
  const parsed = nameSchema.safeParse(value);
  return parsed.success
    ? accepted(parsed.data)
    : refused('invalidRequest', `The IDC in ${source} is not a name.`, {
        field: 'idc',
        expected: 'the name of an IDC',
      });
}
