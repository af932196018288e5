/**
 * SENTINEL CONFIG GET, of the settings that a Sentinel has for all its masters. Names resolve where the operator has
 * declared names; passwords are never shown. Setting them is for the node's configuration.
 */
import { matchesGlob } from '../../glob.ts';
import { error, record } from '../../reply.ts';
import { type Command, MANY, wrongNumber } from '../command.ts';

const SETTINGS = [
  ['resolve-hostnames', 'yes'],
  ['announce-hostnames', 'yes'],
  ['announce-ip', ''],
  ['announce-port', '0'],
  ['sentinel-user', ''],
  ['sentinel-pass', ''],
] as const;

export const configuration: Command = {
  name: 'sentinel|config',
  words: [1, MANY],
  run: ({ words: [what = '', ...patterns] }) => {
    if (what.toLowerCase() === 'set')
      return error('ERR not set here: these are in the configuration of the node');
    if (what.toLowerCase() !== 'get') return error('ERR Only SENTINEL CONFIG GET / SET are supported.');
    if (patterns.length === 0) return wrongNumber('sentinel|config');
    return record(
      SETTINGS.filter(([name]) => patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), name))),
    );
  },
};
