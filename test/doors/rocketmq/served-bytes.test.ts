import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SUCCESS } from '../../../src/doors/rocketmq/answer.ts';
import { ServedBytes } from '../../../src/doors/rocketmq/served-bytes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';

it('holds the bytes of what is served until it is answered, and turns away what goes beyond', async () => {
  const served = new ServedBytes(10);
  let done: () => void = () => undefined;
  const first = served.serve(7, () => new Promise((resolve) => (done = () => resolve(SUCCESS))));
  assert.equal(served.held, 7);
  const busy = await served.serve(4, () => assert.fail('it is not run'));
  assert.equal(busy.code, RESPONSE.systemBusy);
  assert.equal(await served.serve(3, () => SUCCESS), SUCCESS);
  assert.equal(await served.serve(0, () => SUCCESS), SUCCESS, 'what has no body is always served');
  assert.equal(served.held, 7);
  done();
  assert.equal(await first, SUCCESS);
  assert.equal(served.held, 0);
});

it('lets go of the bytes of what fails', async () => {
  const served = new ServedBytes(10);
  const fails = (): never => {
    throw new Error('a bug');
  };
  assert.throws(() => served.serve(7, fails));
  await assert.rejects(async () => served.serve(7, async () => fails()));
  assert.equal(served.held, 0);
});
