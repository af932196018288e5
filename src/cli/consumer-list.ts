/**
 * The consumers of a RocketMQ group, on the command line or in a file: `CLIENT-ID@IDC`, or `CLIENT-ID@` where nobody knows
 * its IDC. Client ids have an @ of their own (`10.1.0.5@4711#1`), so the last one counts. `:zone` behind it says that the
 * consumer asks for its zone. On the command line they are separated by commas, in a file by lines.
 */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

export type ListedConsumer = {
  readonly clientId: string;
  readonly idc: string | null;
  readonly zoneMode: boolean;
};

const FORM = 'CLIENT-ID@IDC or CLIENT-ID@IDC:zone';

function readConsumer(text: string): ListedConsumer {
  const match = /^(\S+)@([A-Za-z0-9._-]*)(:zone)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError(`'${text}' is not of the form ${FORM}.`);
  const [, clientId = '', idc = '', zone] = match;
  return { clientId, idc: idc === '' ? null : idc, zoneMode: zone !== undefined };
}

/** A text without an @ names a file; what cannot be read is a usage error. */
export function readConsumers(text: string): readonly ListedConsumer[] {
  if (text.includes('@')) return text.split(',').map(readConsumer);
  let lines: readonly string[];
  try {
    lines = readFileSync(text, 'utf8').split('\n');
  } catch (error) {
    throw new InvalidArgumentError(
      `'${text}' is no list of ${FORM}, and no file: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readConsumer);
}
