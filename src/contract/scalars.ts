/**
 * Scalars that every resource shares. On the wire a number that may exceed 2^53 (offsets, byte counts) is a decimal
 * string, a wall time is milliseconds since 1970-01-01 UTC in a field that ends in `WallMs`, and a duration is
 * milliseconds in a field that ends in `Ms`. The `error` of a scalar is what a refusal shows as `expected`.
 */
import { z } from 'zod';
import { DEFAULT_CLUSTER } from '../core/primitives/command-line.ts';
import { MAX_EPOCH } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';

const nameExpected = `a name of 1 to ${LIMITS.nameCharacters} letters, digits, dots, underscores or hyphens`;
// `.` and `..` are removed from URLs by every client, so nothing of that name could ever be addressed.
const namePattern = new RegExp(`^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,${LIMITS.nameCharacters}}$`);
export const nameSchema = z
  .string({ error: nameExpected })
  .regex(namePattern, { error: nameExpected })
  .meta({ description: nameExpected });

/** A name in an answer. Other doors admit more characters than HTTP does, and a client must be able to read them. */
export const knownNameSchema = z.string();

const portPattern = '(?:[1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
const addressExpected = 'host:port, such as 127.0.0.1:7101 or [::1]:7101';
export const addressSchema = z
  .string({ error: addressExpected })
  .max(300, { error: addressExpected })
  .regex(new RegExp(`^(?:\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+):${portPattern}$`), { error: addressExpected })
  .meta({ description: addressExpected });

const decimalExpected = 'an integer as a decimal string, such as "1024"';
/** A bigint on the wire. */
export const decimalSchema = z
  .string({ error: decimalExpected })
  .regex(/^-?\d{1,20}$/, { error: decimalExpected })
  .meta({ description: decimalExpected });

const offsetExpected = 'a byte offset as a decimal string, such as "1024"';
/** An offset in a stream of writes: a bigint that is not negative. */
export const offsetSchema = z
  .string({ error: offsetExpected })
  .regex(/^\d{1,19}$/, { error: offsetExpected })
  .meta({ description: offsetExpected });

export const epochSchema = z.int().min(0).max(MAX_EPOCH);
export const countSchema = z.int().min(0);
export const wallMsSchema = z.number().min(0).meta({ description: 'milliseconds since 1970-01-01 UTC' });
export const millisecondsSchema = z.number().min(0);

/** Text that a person wrote, such as a reason or an owner. */
export const noteSchema = z.string().max(LIMITS.textCharacters);

/** Names with a short text each; bounded in count and size. */
export const labelsSchema = z
  .record(
    z
      .string()
      .max(LIMITS.nameCharacters)
      .regex(/^[A-Za-z0-9+][A-Za-z0-9+_.:/-]*$/),
    z.string().max(LIMITS.labelCharacters),
  )
  .refine((labels) => Object.keys(labels).length <= LIMITS.labelsPerObject, {
    error: `at most ${LIMITS.labelsPerObject} entries`,
  })
  .meta({ maxProperties: LIMITS.labelsPerObject });

/** A whole number between two bounds in a query string. */
export const countText = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: `a whole number from ${minimum} to ${maximum}` })
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));

/** An index of the replicated log in a query string. */
export const indexText = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'the index of a revision, such as 1024' })
  .transform(Number);

/** `?cluster=`, which every resource of a cluster takes. */
export const clusterQuerySchema = z.strictObject({ cluster: nameSchema.default(DEFAULT_CLUSTER) });

/** Identity of a moment of the tier. A client keeps the highest it saw; `index` compares within one incarnation only. */
export const revisionSchema = z.object({ incarnation: z.string(), index: countSchema });

/** Answer to a change: it is in the replicated log, at this index. */
export const committedSchema = z.object({ kind: z.literal('committed'), index: countSchema });

/** A group's settings that may be changed while it runs. */
export const detectionMsSchema = z.int().min(LIMITS.shortestDetectionMs).max(LIMITS.longestDetectionMs);
export const cooldownMsSchema = z.int().min(0).max(LIMITS.longestCooldownMs);

export const permissionSchema = z.enum(['read', 'write', 'readWrite']);
export const writePolicySchema = z.enum(['async', 'any-one', 'majority', 'cross-idc', 'all']);
export const onShortageSchema = z.enum(['block', 'degrade']);
/** Measured: load alone refuses nothing even at 1, but a slave that stands still for longer than this stops its master. */
export const DEFAULT_TIME_FENCE_SECONDS = 3;
export const timeFenceSecondsSchema = z
  .int()
  .min(0)
  .max(LIMITS.timeFenceSeconds)
  .meta({ description: 'seconds without its slaves after which a master stops; 0: it does not' });
export const brokerKindSchema = z.enum(['redis', 'http', 'rocketmq']);

export type Revision = z.infer<typeof revisionSchema>;
export type Committed = z.infer<typeof committedSchema>;
