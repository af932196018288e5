/** What an SDK client tells its application beside its answers. The SDK itself never prints. */

export type SdkEvent =
  /** A connection to a group's master is ready. */
  | { readonly type: 'connected'; readonly group: string; readonly epoch: number; readonly address: string }
  /** It closed, or could not be opened. */
  | { readonly type: 'disconnected'; readonly group: string; readonly epoch: number; readonly detail: string }
  /** A newer route of the topic is in use. */
  | { readonly type: 'routeChanged'; readonly topic: string; readonly index: number }
  /** Nodes could not be asked, or refused; the client tries again. */
  | { readonly type: 'nodesRefused'; readonly code: string; readonly detail: string }
  /** A send is tried again under the same message id. */
  | { readonly type: 'sendRetried'; readonly id: string; readonly group: string; readonly detail: string }
  /** The queues that a consumer reads have changed. */
  | {
      readonly type: 'allocated';
      readonly queues: readonly { readonly group: string; readonly queue: number }[];
    }
  /** The consumer group was missing on a master and has been made again, to be read from `fromId`. */
  | { readonly type: 'groupCreated'; readonly group: string; readonly queue: number; readonly fromId: string }
  /** The application's handler failed; the message stays pending and comes again. */
  | {
      readonly type: 'handlerFailed';
      readonly id: string;
      readonly group: string;
      readonly queue: number;
      readonly error: unknown;
    }
  /** An entry of the stream is no message of this SDK; it was acknowledged and passed over. */
  | {
      readonly type: 'malformedEntry';
      readonly group: string;
      readonly queue: number;
      readonly entryId: string;
    };

export type SdkListener = (event: SdkEvent) => void;

/** A listener that throws is the application's affair and must not stop its traffic. */
export const shielded =
  (listener: SdkListener | undefined): SdkListener =>
  (event) => {
    try {
      listener?.(event);
    } catch {
      // Nobody is left to tell.
    }
  };
