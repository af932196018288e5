/**
 * Secrets come from files or from the environment, never from a configuration file or a command line. What they
 * hold appears in no message.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Files beyond this hold something else than a secret. */
const LONGEST_BYTES = 4_096;
const OTHERS_MAY_READ = 0o004;

export type SecretSource =
  | { readonly file: string }
  /** Name of the variable and what it holds; the environment itself is read by the caller. */
  | { readonly environment: string; readonly value: string | undefined };

export type SecretReading =
  | { readonly ok: true; readonly secret: string; readonly warning: string | null }
  /** For people: what is wrong with the source, and what to do. */
  | { readonly ok: false; readonly message: string };

/**
 * The secret without the white space around it. A file that everybody on the machine may read still works (mounted
 * secrets often look so), with a warning that the caller shows.
 */
export function readSecret(source: SecretSource): SecretReading {
  if ('file' in source) return readSecretFile(source.file);
  const { environment, value } = source;
  if (value === undefined) {
    return { ok: false, message: `the environment variable ${environment} is not set` };
  }
  return usable(value, `the environment variable ${environment}`, null);
}

function readSecretFile(path: string): SecretReading {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    return { ok: false, message: `the file ${path} cannot be read (${describe(error)})` };
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) return { ok: false, message: `${path} is not a file` };
    const bytes = Buffer.alloc(LONGEST_BYTES + 1);
    const length = readSync(file, bytes);
    if (length > LONGEST_BYTES) {
      return {
        ok: false,
        message: `the file ${path} is longer than ${LONGEST_BYTES} bytes: is it the right one?`,
      };
    }
    const isOpen = (status.mode & OTHERS_MAY_READ) !== 0;
    const warning = isOpen ? `everybody on this machine may read ${path}: run chmod 600 ${path}` : null;
    return usable(bytes.toString('utf8', 0, length), `the file ${path}`, warning);
  } catch (error) {
    return { ok: false, message: `the file ${path} cannot be read (${describe(error)})` };
  } finally {
    closeSync(file);
  }
}

function usable(text: string, what: string, warning: string | null): SecretReading {
  const secret = text.trim();
  if (secret === '') return { ok: false, message: `${what} is empty` };
  return { ok: true, secret, warning };
}

const describe = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
