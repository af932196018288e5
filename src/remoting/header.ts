/** What a header says, apart from how it is written, and the flags of it. */
import type { RemotingCommand } from './remoting-command.ts';

export type Header = Omit<RemotingCommand, 'body' | 'serializeType'>;

const RESPONSE_FLAG = 1;
const ONE_WAY_FLAG = 2;

export const flagOf = (header: Pick<Header, 'isResponse' | 'isOneWay'>): number =>
  (header.isResponse ? RESPONSE_FLAG : 0) | (header.isOneWay ? ONE_WAY_FLAG : 0);

/** Bits that mean nothing to us are dropped. */
export const flagsIn = (flag: number): Pick<Header, 'isResponse' | 'isOneWay'> => ({
  isResponse: (flag & RESPONSE_FLAG) !== 0,
  isOneWay: (flag & ONE_WAY_FLAG) !== 0,
});
