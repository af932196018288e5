import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TOKEN } from '../../http/fake-node.ts';
import { openDoor } from '../open-door.ts';

const NO_PERMISSION = /^-NOPERM /;

describe('CLIENT LIST and CLIENT KILL by filters', () => {
  it('shows and ends those that all filters fit, for an operator', async (t) => {
    const { client } = await openDoor(t);
    const [operator, listening, idle] = [await client(), await client(), await client()];
    await operator.ask('AUTH', TOKEN);
    await listening.ask('SUBSCRIBE', 'x');
    await idle.ask('CLIENT', 'SETNAME', 'idle');
    const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('id='));
    assert.equal(linesOf(await operator.ask('CLIENT', 'LIST')).length, 3);
    const [subscriber = '', ...more] = linesOf(await operator.ask('CLIENT', 'LIST', 'TYPE', 'pubsub'));
    assert.match(subscriber, / sub=1 /);
    assert.deepEqual(more, []);
    const id = /^id=(\d+)/.exec(subscriber)?.[1] ?? '';
    assert.deepEqual(linesOf(await operator.ask('CLIENT', 'LIST', 'ID', id, '999')), [subscriber]);
    assert.equal(await operator.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'ID', id), ':0\r\n');
    assert.equal(await operator.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'), ':1\r\n');
    await listening.until(() => listening.socket.closed);
    // Who asks is left out unless it says otherwise.
    assert.equal(await operator.ask('CLIENT', 'KILL', 'TYPE', 'normal'), ':1\r\n');
    await idle.until(() => idle.socket.closed);
    operator.send('CLIENT KILL TYPE normal SKIPME no\r\n');
    assert.equal(await operator.until(() => operator.socket.closed), ':1\r\n');
  });

  it('lets who may only look see and end nobody but himself', async (t) => {
    const { client } = await openDoor(t);
    const [one, other] = [await client(), await client()];
    await other.ask('SUBSCRIBE', 'x');
    assert.equal(await one.ask('CLIENT', 'LIST', 'TYPE', 'pubsub'), '$0\r\n\r\n');
    assert.match(await one.ask('CLIENT', 'KILL', 'TYPE', 'pubsub'), NO_PERMISSION);
    assert.match(await one.ask('CLIENT', 'KILL', 'SKIPME', 'no'), NO_PERMISSION);
    assert.equal(await one.ask('CLIENT', 'KILL', 'TYPE', 'replica'), ':0\r\n');
    assert.equal(await other.ask('PING'), '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
  });
});
