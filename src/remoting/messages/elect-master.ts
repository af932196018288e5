/**
 * 1002: who shall be master? Asked by a broker for itself, and by operators with a broker in mind. The answer has all
 * its fields and the body also where the master stays (code 2011): brokers lean on both.
 */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { jsonBody } from '../json-writer.ts';
import {
  address,
  flag,
  headerCodec,
  integer,
  name,
  optional,
  parseBody,
  wholeNumber,
  wholeNumberOrNone,
} from '../parse.ts';
import { type BrokerMemberGroup, memberGroupJson, memberGroupSchema } from './broker-member-group.ts';
import { idsSchema } from './sync-state-set.ts';

export const electMasterRequest = headerCodec(
  z.object({
    clusterName: name,
    brokerName: name,
    /** -1: whoever is fit. */
    brokerId: wholeNumberOrNone,
    /** This broker and no other. */
    designateElect: optional(flag),
    invokeTime: optional(wholeNumber),
  }),
);

export const electMasterResponse = headerCodec(
  z.object({
    masterBrokerId: optional(wholeNumber),
    masterAddress: optional(address),
    masterEpoch: optional(integer),
    syncStateSetEpoch: optional(integer),
  }),
);

export type ElectMasterBody = {
  readonly brokerMemberGroup: BrokerMemberGroup | null;
  readonly syncStateSet: readonly number[];
};

const schema = z.object(
  {
    brokerMemberGroup: memberGroupSchema.nullish().transform((group) => group ?? null),
    syncStateSet: idsSchema,
  },
  'the outcome of an election',
);

export const decodeElectMasterBody = (body: Buffer): Read<ElectMasterBody> => parseBody(schema, body);

/** The tool for operators reads the set at the top, brokers read it one level below: it is in both places. */
export const encodeElectMasterBody = ({ brokerMemberGroup, syncStateSet }: ElectMasterBody): Buffer =>
  brokerMemberGroup === null
    ? jsonBody({ syncStateSet })
    : jsonBody({
        ...memberGroupJson(brokerMemberGroup),
        brokerMemberGroup: memberGroupJson(brokerMemberGroup),
        syncStateSet,
      });
