/** One message on one channel, as every node publishes it to its own subscribers. */
export type Publication = {
  readonly channel: string;
  readonly payload: string;
  /** Who may not see this master does not hear of it. */
  readonly masterName: string;
};
