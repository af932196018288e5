/** 104: a broker says goodbye. */
import { REQUEST } from '../../../remoting/request-codes.ts';
import { SUCCESS } from '../answer.ts';
import { propose } from '../asking.ts';
import { textIn } from '../fields.ts';
import { setNames } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { DoorCommand } from './command.ts';

export const unregisterBroker: DoorCommand = {
  code: REQUEST.unregisterBroker,
  run: async ({ door, request: { fields } }) => {
    const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
    if (!names.ok) return refusalAnswer(names.refusal);
    const { name } = names.value;
    const address = textIn(fields, 'brokerAddr');
    const known = door.face.state().registrations.get(address);
    if (door.gate.isCurrent() && known?.name !== name) return SUCCESS;
    const done = await propose(door, { type: 'registration.remove', name, address });
    return done.ok ? SUCCESS : refusalAnswer(done.refusal);
  },
};
