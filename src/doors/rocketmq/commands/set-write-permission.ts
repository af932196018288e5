/** 205 and 327: takes the write permission off all queues of a broker set, or gives it. Until its topics change. */
import { REQUEST, type RequestCode } from '../../../remoting/request-codes.ts';
import { success } from '../answer.ts';
import { propose } from '../asking.ts';
import { textIn } from '../fields.ts';
import { brokerNameIn } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { DoorCommand } from './command.ts';

const setWritePermission = (
  code: RequestCode,
  permission: 'wiped' | 'added',
  countField: string,
): DoorCommand => ({
  code,
  run: async ({ door, request }) => {
    const name = brokerNameIn(textIn(request.fields, 'brokerName'));
    if (!name.ok) return refusalAnswer(name.refusal);
    const done = await propose(door, { type: 'naming.setWritePermission', name: name.value, permission });
    if (!done.ok && done.refusal.code !== 'unknownBrokerSet') return refusalAnswer(done.refusal);
    return success({ [countField]: door.face.state().namedSets.get(name.value)?.topics ?? 0 });
  },
});

export const wipeWritePermission = setWritePermission(
  REQUEST.wipeWritePermOfBroker,
  'wiped',
  'wipeTopicCount',
);
export const addWritePermission = setWritePermission(REQUEST.addWritePermOfBroker, 'added', 'addTopicCount');
