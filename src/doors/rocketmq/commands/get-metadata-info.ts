/**
 * 1005: where a broker sends what only a controller's leader answers. Here that is the node that it asks: it answers what
 * is only read from its own state, which is most of it, and passes on the rest, one hop inside the tier. The broker has
 * just reached it, at an address that is right for it whatever translates addresses on the way, and it has not to look
 * for anybody when the leader changes. A node that cannot confirm that it is current names nobody, and brokers go on to
 * the next one of their list.
 */
import { REQUEST } from '../../../remoting/request-codes.ts';
import { success } from '../answer.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

const GROUP = 'pollux';

export const getMetadataInfo: DoorCommand = {
  code: REQUEST.controllerGetMetadataInfo,
  run: whileCurrent(({ door: { options, face }, channel }) => {
    const { leader, role } = face.status();
    return success({
      group: GROUP,
      controllerLeaderId: leader ?? options.self,
      controllerLeaderAddress: options.advertised ?? channel.cameInAt,
      isLeader: role === 'leader',
      peers: options.peers.map(({ node, address }) => `${node}:${address};`).join(''),
    });
  }),
};
