/** 901: the brokers of a set. One that is not known has none. */
import { z } from 'zod';
import type { Read } from '../damage.ts';
import { type Json, jsonBody } from '../json-writer.ts';
import { headerCodec, name, parseBody } from '../parse.ts';
import { numberTableOf, tableJson } from './tables.ts';

export const brokerMemberGroupRequest = headerCodec(z.object({ clusterName: name, brokerName: name }));

export type BrokerMemberGroup = {
  readonly cluster: string;
  readonly brokerName: string;
  /** By broker id. */
  readonly brokerAddrs: ReadonlyMap<number, string>;
};

export const memberGroupSchema = z.object(
  {
    cluster: z.string('a name'),
    brokerName: z.string('a name'),
    brokerAddrs: numberTableOf(z.string('an address')),
  },
  'the brokers of a set',
);

export const memberGroupJson = (group: BrokerMemberGroup): { readonly [key: string]: Json } => ({
  brokerAddrs: tableJson(group.brokerAddrs, (address) => address),
  brokerName: group.brokerName,
  cluster: group.cluster,
});

const bodySchema = z
  .object({ brokerMemberGroup: memberGroupSchema }, 'the brokers of a set')
  .transform(({ brokerMemberGroup }): BrokerMemberGroup => brokerMemberGroup);

export const decodeBrokerMemberGroup = (body: Buffer): Read<BrokerMemberGroup> => parseBody(bodySchema, body);

export const encodeBrokerMemberGroup = (group: BrokerMemberGroup): Buffer =>
  jsonBody({ brokerMemberGroup: memberGroupJson(group) });
