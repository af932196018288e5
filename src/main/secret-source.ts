/** Reads a secret from where the configuration names it. What it holds never reaches a log or an error message. */
import { resolve } from 'node:path';
import { readSecret } from '../platform/secrets.ts';
import { type Configuration, ConfigurationError, type SecretSource } from './config.ts';

/** Reads a secret of one configuration; `what` names the setting for people. */
export type SecretReader = (source: SecretSource, what: string) => string;

/** `what` names the setting for people. Throws ConfigurationError where there is no usable secret. */
export function secretOf(
  configuration: Configuration,
  source: SecretSource,
  what: string,
  warn: (text: string) => void,
): string {
  const read = readSecret(
    'file' in source
      ? { file: resolve(configuration.directory, source.file) }
      : { environment: source.environment, value: process.env[source.environment] },
  );
  if (!read.ok) throw new ConfigurationError(`${what}: ${read.message}`);
  if (read.warning !== null) warn(`${what}: ${read.warning}`);
  return read.secret;
}
