/** The group that the first word of a subcommand names, for this user. */
import type { BrokerGroup } from '../../../../core/metadata/state.ts';
import { error } from '../../reply.ts';
import type { Call } from '../command.ts';

export const NO_SUCH_MASTER = error('ERR No such master with that name');

export const namedGroup = ({ door, user, words: [name = ''] }: Call): BrokerGroup | null =>
  door.directory.find(door.face.state(), user, name);
