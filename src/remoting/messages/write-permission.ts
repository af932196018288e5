/** 205 and 327: take the permission to write from all queues of a broker set, or give it back. */
import { z } from 'zod';
import { headerCodec, name, optional, wholeNumber } from '../parse.ts';

export const writePermissionRequest = headerCodec(z.object({ brokerName: name }));

export const wipeWritePermissionResponse = headerCodec(z.object({ wipeTopicCount: optional(wholeNumber) }));

export const addWritePermissionResponse = headerCodec(z.object({ addTopicCount: optional(wholeNumber) }));
