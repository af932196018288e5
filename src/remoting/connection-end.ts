/** Why a connection has ended: who has to know decides by the kind, people read the text. */
export type ConnectionEnd =
  | { readonly kind: 'closedHere'; readonly why: string }
  /** In good order, as when a process ends or a peer has no more to say. */
  | { readonly kind: 'closedByOther' }
  /** By the network or the system, as when a process is killed. */
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'slowReader'; readonly waitingBytes: number }
  | { readonly kind: 'idle'; readonly idleMs: number };

/** Half a sentence for logs. */
export function endText(end: ConnectionEnd): string {
  switch (end.kind) {
    case 'closedHere':
      return `closed here: ${end.why}`;
    case 'closedByOther':
      return 'closed by the other side';
    case 'failed':
      return end.error;
    case 'malformed':
      return `what it sent is no frame: ${end.problem}`;
    case 'slowReader':
      return `it did not read what it was sent: ${end.waitingBytes} bytes wait`;
    case 'idle':
      return `nothing was said for ${end.idleMs} ms`;
  }
}
