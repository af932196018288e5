/**
 * How two nodes prove to each other that they belong to one tier, before anything else is read:
 *
 *   dialler                      acceptor
 *   hello        ------------->
 *                <-------------  hello, proof
 *   proof        ------------->
 *                <-------------  welcome (or refused, with a code)
 *
 * A proof is an HMAC-SHA-256 with the tier's secret over the side and both hellos, byte for byte: the nonces make it
 * worthless at any other time, the side makes it worthless in the other direction, and the hellos bind name, tier
 * and version to it. The traffic itself is neither encrypted nor signed: the peer port belongs into a network that
 * the tier trusts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { nodeNameSchema } from '../core/metadata/schemas.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';

const NONCE_BYTES = 32;
const PROOF_BYTES = 32;

export type Hello = {
  readonly protocolVersion: number;
  readonly node: NodeName;
  /** Whom the dialler means to reach; the acceptor repeats the name of the dialler. */
  readonly to: string;
  readonly tierId: string | null;
  /** One life of the process, so that a reconnection is told from another node of the same name. */
  readonly instance: string;
  readonly nonce: string;
};

const helloSchema = z.object({
  protocolVersion: z.int(),
  node: nodeNameSchema,
  to: z.string().max(LIMITS.nameCharacters),
  tierId: z.string().max(LIMITS.opaqueCharacters).nullable(),
  instance: z.string().min(1).max(LIMITS.nameCharacters),
  nonce: z.string().length(NONCE_BYTES * 2),
}) satisfies z.ZodType<Hello>;

/** Why a connection between nodes was refused; both sides log the meaning. */
export const PEER_REFUSALS = {
  protocolVersion: 'the two nodes speak different versions of the peer protocol; run one release on both',
  wrongSecret: 'the two nodes do not hold the same tier secret; copy the secret of one to the other',
  otherTier: 'the two nodes belong to different tiers; check addresses and data directories',
  unknownNode: 'the node is not a member that the other knows; check the names in both configurations',
  otherNode: 'the address belongs to a node of another name; check the peer addresses',
  duplicateName: 'two nodes call themselves by one name; give one of them another name',
} as const;

export type PeerRefusal = keyof typeof PEER_REFUSALS;

const refusalSchema = z.object({ code: z.enum(Object.keys(PEER_REFUSALS) as [PeerRefusal]) });

const bodyOf = (payload: Buffer): unknown => {
  try {
    return JSON.parse(payload.toString('utf8', 1));
  } catch {
    return undefined;
  }
};

/** Null for anything that is no hello. */
export function readHello(payload: Buffer): Hello | null {
  const parsed = helloSchema.safeParse(bodyOf(payload));
  return parsed.success ? parsed.data : null;
}

export function readRefusal(payload: Buffer): PeerRefusal | null {
  const parsed = refusalSchema.safeParse(bodyOf(payload));
  return parsed.success ? parsed.data.code : null;
}

/** `hellos` are the payloads as they travelled. */
export function proofOf(
  secret: string,
  side: 'dialler' | 'acceptor',
  hellos: { readonly dialler: Buffer; readonly acceptor: Buffer },
): Buffer {
  const mac = createHmac('sha256', secret);
  mac.update(`pollux peer ${side} ${hellos.dialler.length} ${hellos.acceptor.length} `);
  return mac.update(hellos.dialler).update(hellos.acceptor).digest();
}

export const isProof = (payload: Buffer, expected: Buffer): boolean =>
  payload.length === 1 + PROOF_BYTES && timingSafeEqual(payload.subarray(1), expected);

/** What either side holds against the other; the secret comes on top. Null where nothing does. */
export function objectionTo(own: Hello, theirs: Hello): PeerRefusal | null {
  if (theirs.protocolVersion !== own.protocolVersion) return 'protocolVersion';
  if (theirs.node === own.node) return 'duplicateName';
  if (own.tierId !== null && theirs.tierId !== null && own.tierId !== theirs.tierId) return 'otherTier';
  return null;
}
