/** A RocketMQ door on a free port before a node of one, and scripted clients of it. */
import type { TestContext } from 'node:test';
import { checkCommand } from '../../../src/core/metadata/command-codec.ts';
import { nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';
import { accepted } from '../../../src/core/primitives/refusal.ts';
import type { RocketmqDoorOptions, TurnedAway } from '../../../src/doors/rocketmq/door-ports.ts';
import { createRocketmqDoor } from '../../../src/doors/rocketmq/rocketmq-door.ts';
import { systemTimers } from '../../../src/platform/system-timers.ts';
import { systemClock } from '../../support/redis-group.ts';
import { type RemotingClient, remotingClient } from '../../support/remoting-client.ts';
import { type FakeNode, fakeNode } from '../http/fake-node.ts';

export type OpenDoor = {
  readonly node: FakeNode;
  readonly port: number;
  readonly bugs: Error[];
  readonly turnedAway: TurnedAway[];
  /** How many bodies were passed over. */
  passedOver(): number;
  client(): Promise<RemotingClient>;
};

const idcOfAddress = (host: string) =>
  host.startsWith('10.1.') ? siteName('idc-a') : host.startsWith('10.2.') ? siteName('idc-b') : null;

/** As the leader, it looks at a command before it takes it into its log. */
export function checkingNode(): FakeNode {
  const node = fakeNode();
  const submit = node.submit.bind(node);
  node.submit = async (request) => {
    const checked = request.type === 'propose' ? checkCommand(request.command) : accepted(null);
    if (!checked.ok) return checked;
    if (request.type !== 'readBarrier') return submit(request);
    return accepted({ kind: 'current', index: node.state().appliedIndex });
  };
  return node;
}

export async function openDoor(
  t: TestContext,
  options: Partial<RocketmqDoorOptions> = {},
): Promise<OpenDoor> {
  const node = checkingNode();
  const bugs: Error[] = [];
  const turnedAway: TurnedAway[] = [];
  let passedOver = 0;
  const door = createRocketmqDoor(
    {
      self: nodeName('node-a'),
      advertised: null,
      peers: ['a', 'b', 'w'].map((letter, at) => ({
        node: nodeName(`node-${letter}`),
        address: `10.${at + 1}.0.5:9876`,
      })),
      version: '0.0.0',
      ...options,
    },
    {
      face: node,
      clock: systemClock,
      timers: systemTimers,
      idcOfAddress,
      onBug: (error) => bugs.push(error),
      onTurnedAway: (_address, reason) => turnedAway.push(reason),
      onPassedOver: () => {
        passedOver += 1;
      },
    },
  );
  const port = await door.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => door.close());
  const client = async (): Promise<RemotingClient> => {
    const opened = await remotingClient({ port });
    t.after(() => opened.close());
    return opened;
  };
  return { node, port, bugs, turnedAway, passedOver: () => passedOver, client };
}
