/** The times and addresses that connections between nodes go by. Tests shorten the times. */
export type PeerAddress = { readonly host: string; readonly port: number };

export type PeerTiming = {
  /** From the dial to the welcome. */
  readonly handshakeMs: number;
  readonly backoffShortestMs: number;
  readonly backoffLongestMs: number;
  readonly pingEveryMs: number;
  /** After so many pings without an answer a connection is dialled afresh. */
  readonly pingsUnanswered: number;
  /** An accepted connection that said nothing for so long is dead: a node of its name may take its place. */
  readonly silenceMs: number;
};

export const PEER_TIMING: PeerTiming = {
  handshakeMs: 2_000,
  backoffShortestMs: 50,
  backoffLongestMs: 1_000,
  pingEveryMs: 1_000,
  pingsUnanswered: 3,
  silenceMs: 3_500,
};
