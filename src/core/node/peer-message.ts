/**
 * What nodes say to each other: consensus messages as they are, and the few of the coordinator. The wire codec in
 * platform/peer-codec.ts carries exactly this union; `protocolVersion` there rises when it changes.
 */
import type { CoordinatorMessage } from '../coordinator/messages.ts';
import type { ClientReply, ClientRequest } from '../coordinator/requests.ts';
import type { RaftMessage } from '../raft/types.ts';

export type PeerMessage =
  | { readonly kind: 'raft'; readonly message: RaftMessage }
  | { readonly kind: 'coordinator'; readonly message: CoordinatorMessage }
  /** A client's request that needs the leader, passed on by the node that was asked. */
  | { readonly kind: 'forward'; readonly forwardId: number; readonly request: ClientRequest }
  | { readonly kind: 'forwardReply'; readonly forwardId: number; readonly reply: ClientReply };
