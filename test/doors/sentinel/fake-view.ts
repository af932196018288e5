/** What commands see, without a connection: for tests that call them directly. */
import { clusterName, nodeName } from '../../../src/core/primitives/identifiers.ts';
import type { DoorView } from '../../../src/doors/sentinel/commands/command.ts';
import { GroupDirectory } from '../../../src/doors/sentinel/group-directory.ts';
import type { Session } from '../../../src/doors/sentinel/session.ts';
import { Sightings } from '../../../src/doors/sentinel/sightings.ts';
import { UserBook } from '../../../src/doors/sentinel/users.ts';
import { FakeSentinels } from '../../core/sentinels/fake-sentinels.ts';
import { systemClock } from '../../support/redis-group.ts';
import { type FakeNode, fakeNode } from '../http/fake-node.ts';

export function viewOf(node: FakeNode = fakeNode()): { readonly view: DoorView; readonly session: Session } {
  const self = nodeName('node-a');
  const users = new UserBook([]);
  const session: Session = {
    id: 1,
    address: '127.0.0.1:1',
    sinceMs: 0,
    protocol: 2,
    user: users.stranger,
    name: '',
    library: '',
    lastCommand: '',
    lastCommandMs: 0,
    channels: new Set(),
    patterns: new Set(),
    isEnding: false,
  };
  const view: DoorView = {
    options: {
      self,
      peers: [],
      nodes: 3,
      isConnected: () => true,
      defaultCluster: clusterName('default'),
      users: [],
      subscriberPatienceMs: 5_000,
      version: '0.0.0',
    },
    face: node,
    clock: systemClock,
    sentinels: new FakeSentinels(),
    idcOfAddress: () => null,
    users,
    directory: new GroupDirectory(clusterName('default')),
    sightings: new Sightings(node, systemClock, self),
    startedMs: 0,
    sessions: () => [session],
    end: () => undefined,
  };
  return { view, session };
}
