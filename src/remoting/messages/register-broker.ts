/** 103: a broker says that it is there and what it has, every 30 s and when something changes. See register-broker-body.ts. */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { address, flag, type HeaderOf, headerCodec, integer, name, optional, wholeNumber } from '../parse.ts';
import type { RemotingCommand } from '../remoting-command.ts';

export const registerBrokerRequest = headerCodec(
  z.object({
    brokerName: name,
    brokerAddr: address,
    clusterName: name,
    haServerAddr: address,
    /** 0 for the master. */
    brokerId: wholeNumber,
    /** Absent but where slaves may act as masters; 120 s then. */
    heartbeatTimeoutMillis: optional(wholeNumber),
    /** Absent from release 4: an old broker. */
    enableActingMaster: optional(flag),
    /** Not to be trusted: release 5 compresses and says that it does not. */
    compressed: optional(flag),
    bodyCrc32: optional(integer),
  }),
);
export type RegisterBrokerRequest = HeaderOf<typeof registerBrokerRequest>;

/** For slaves: whom they follow. Absent for the master, and as long as nobody is known. */
export const registerBrokerResponse = headerCodec(
  z.object({ haServerAddr: optional(address), masterAddr: optional(address) }),
);

type Body = Pick<RemotingCommand, 'body' | 'passedOver'>;
const SIGN_BIT = 0x7fff_ffff;

/** Java's checksums have no sign bit; a sum of 0 is none. */
export const bodyChecksum = ({ body, passedOver }: Body): number =>
  (passedOver?.checksum ?? crc32(body)) & SIGN_BIT;

export const isBodyIntact = (body: Body, bodyCrc32: number | null): boolean =>
  bodyCrc32 === null || bodyCrc32 === 0 || bodyCrc32 === bodyChecksum(body);

/** The remark of the refusal, code 1. */
export const CHECKSUM_REMARK = 'crc32 not match';
