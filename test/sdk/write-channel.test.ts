import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock, type TestContext } from 'node:test';
import { SDK_LIMITS } from '../../src/sdk/limits.ts';
import { WriteChannel } from '../../src/sdk/write-channel.ts';
import { startRedis } from '../support/redis-server.ts';

const realNow = performance.now.bind(performance);

/** A channel to a master that refuses all writes for want of slaves; a write is refused within about a WAIT round. */
async function channelToShortMaster(t: TestContext): Promise<WriteChannel> {
  const config = ['user w-1 on nopass ~* &* +@all -@admin', 'min-replicas-to-write 1'];
  const master = await startRedis({ config });
  const terms = {
    group: 'orders-a',
    epoch: 1,
    syncSetVersion: 1,
    address: master.address,
    username: 'w-1',
    waitCount: 1,
  };
  const ignore = (): void => undefined;
  const channel = new WriteChannel(terms, {
    password: '',
    tls: null,
    waitRoundMs: 20,
    onOpen: ignore,
    onClose: ignore,
  });
  t.after(async () => {
    channel.close('the test is over');
    await master.stop();
  });
  return channel;
}

describe('a master without its slaves', () => {
  let laterMs = 0;
  beforeEach(() => {
    laterMs = 0;
    mock.method(performance, 'now', () => realNow() + laterMs);
  });
  afterEach(() => mock.restoreAll());
  const refusedBy = async (channel: WriteChannel): Promise<void> => {
    const deadlineMs = performance.now() + 10_000;
    const attempt = await channel.write({ key: 's', fields: ['body', 'b'], bytes: 5, deadlineMs });
    assert.equal(attempt.kind, 'notWritten', JSON.stringify(attempt));
  };

  it('is left once it has refused writes for too long', async (t) => {
    const channel = await channelToShortMaster(t);
    await refusedBy(channel);
    laterMs += SDK_LIMITS.shortForMs + 1;
    await refusedBy(channel);
    assert.equal(channel.usable, false);
  });

  it('is asked anew after a time without writes', async (t) => {
    const channel = await channelToShortMaster(t);
    await refusedBy(channel);
    laterMs += SDK_LIMITS.shortForgottenMs + 1;
    await refusedBy(channel);
    assert.equal(channel.usable, true);
  });
});
