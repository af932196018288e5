/**
 * 322: whether what a broker has registered is still what it has. Brokers ask before they send it all, where they are set
 * up to, or every second as a mere sign of life.
 */
import { dataVersionOf } from '../../../core/routing/name-lists.ts';
import { read } from '../../../remoting/damage.ts';
import { dataVersionSchema, NO_DATA_VERSION } from '../../../remoting/messages/data-version.ts';
import { parseBody } from '../../../remoting/parse.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { jsonBody, success, unreadable } from '../answer.ts';
import { textIn } from '../fields.ts';
import { setNames } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

export const queryDataVersion: DoorCommand = {
  code: REQUEST.queryDataVersion,
  run: whileCurrent(({ door, channel, request: { fields, body } }) => {
    const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
    if (!names.ok) return refusalAnswer(names.refusal);
    const { cluster, name } = names.value;
    const version = body.length === 0 ? read(NO_DATA_VERSION) : parseBody(dataVersionSchema, body);
    if (version.kind === 'damaged') return unreadable(version.damage);
    const address = textIn(fields, 'brokerAddr');
    const state = door.face.state();
    const registration = state.registrations.get(address);
    if (registration?.name !== name || registration.cluster !== cluster) return success({ changed: true });
    const brokerId = registration.brokerId ?? 0;
    door.book.heard({ cluster, name, address, what: 'registered', brokerId, channel: channel.id });
    const { known, changed } = dataVersionOf(state, address, version.value);
    return success({ changed }, known === null ? undefined : jsonBody(known));
  }),
};
