/** 100, 101, 102 and 219: the key-value configuration, which is replicated here and the same at every node. */
import type { Command } from '../../../core/metadata/command.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, SUCCESS, success, successBody } from '../answer.ts';
import { propose } from '../asking.ts';
import { keyValueTable } from '../key-value-table.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { Call, DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

const NO_KEY = failure(RESPONSE.systemError, 'namespace or key is null');

async function change({ door }: Call, command: Command): Promise<Answer> {
  const done = await propose(door, command);
  return done.ok ? SUCCESS : refusalAnswer(done.refusal);
}

export const putKeyValue: DoorCommand = {
  code: REQUEST.putKvConfig,
  run: (call) => {
    const { fields } = call.request;
    const [namespace, key, value = ''] = [fields.get('namespace'), fields.get('key'), fields.get('value')];
    if (namespace === undefined || key === undefined) return NO_KEY;
    return change(call, { type: 'naming.putKeyValue', namespace, key, value });
  },
};

export const deleteKeyValue: DoorCommand = {
  code: REQUEST.deleteKvConfig,
  run: (call) => {
    const { fields } = call.request;
    const [namespace, key] = [fields.get('namespace'), fields.get('key')];
    if (namespace === undefined || key === undefined) return NO_KEY;
    return change(call, { type: 'naming.deleteKeyValue', namespace, key });
  },
};

export const getKeyValue: DoorCommand = {
  code: REQUEST.getKvConfig,
  run: whileCurrent(({ door, request: { fields } }) => {
    const [namespace = '', key = ''] = [fields.get('namespace'), fields.get('key')];
    const value = door.face.state().namespaces.get(namespace)?.get(key);
    return value === undefined
      ? failure(RESPONSE.queryNotFound, `No config item, Namespace: ${namespace} Key: ${key}`)
      : success({ value });
  }),
};

export const getKeyValues: DoorCommand = {
  code: REQUEST.getKvListByNamespace,
  run: whileCurrent(({ door, request }) => {
    const namespace = request.fields.get('namespace') ?? '';
    const table = keyValueTable(door.face.state().namespaces.get(namespace));
    return table === null
      ? failure(RESPONSE.queryNotFound, `No config item, Namespace: ${namespace}`)
      : successBody(table);
  }),
};
