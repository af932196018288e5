import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { memoryNetwork } from '../../src/platform/memory-transport.ts';
import { timeoutNow } from './peer-message-samples.ts';
import { describeTransport, reach, receiverOf } from './transport-contract.ts';

describeTransport('memory transport', () => {
  const network = memoryNetwork();
  return { open: (node) => network.transport(node), dispose: async () => undefined };
});

describe('memory network', () => {
  it('cuts one direction, and heals', async () => {
    const network = memoryNetwork();
    const [one, other] = [nodeName('idc-a-1'), nodeName('idc-b-1')];
    const [first, second] = [network.transport(one), network.transport(other)];
    const [atFirst, atSecond] = [receiverOf(first), receiverOf(second)];
    await Promise.all([first.start(), second.start()]);
    network.cut(one, other);
    first.send(other, timeoutNow(1));
    await reach(second, one, atFirst, 2);
    assert.equal(atSecond.received.length, 0);
    network.heal();
    await reach(first, other, atSecond, 3);
  });
});
