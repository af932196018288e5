/** A refusal of the node as an error line: its stable code is the second word, for who matches on it. */
import type { Refusal } from '../../../core/primitives/refusal.ts';
import { error, type Reply } from '../reply.ts';

export const refusedBy = ({ code, message }: Refusal): Reply => error(`ERR ${code}: ${message}`);
