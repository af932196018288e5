/**
 * Passwords of the users that pollux creates. All of them follow from one secret file, so none is stored,
 * replicated or sent between nodes. The user's name carries purpose, object and term (`ns-7`, `repl-a2`), so a
 * password says nothing about another user's or another term's.
 */
import { createHash, createHmac } from 'node:crypto';

/** 64 hexadecimal characters: HMAC-SHA256 of the user's name under the steering secret. */
export const derivePassword = (steeringSecret: string, userName: string): string =>
  createHmac('sha256', steeringSecret).update(`pollux-redis-user:${userName}`).digest('hex');

/** The form that `ACL SETUSER` takes and `ACL LIST` shows, so that no password travels to a server or its file. */
export const passwordHashRule = (password: string): string =>
  `#${createHash('sha256').update(password).digest('hex')}`;
