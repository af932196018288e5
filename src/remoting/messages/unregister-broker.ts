/** 104: a broker that stops in good order takes its registration back. */
import { z } from 'zod';
import { address, headerCodec, name, wholeNumber } from '../parse.ts';

export const unregisterBrokerRequest = headerCodec(
  z.object({ brokerName: name, brokerAddr: address, clusterName: name, brokerId: wholeNumber }),
);
