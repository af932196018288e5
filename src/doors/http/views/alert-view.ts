/** An alert as operators read it. */
import type { AlertAnswer } from '../../../contract/alerts.ts';
import type { AlertView } from '../../../core/coordinator/views.ts';
import { keyParts } from './key-parts.ts';

export const alertAnswer = (alert: AlertView): AlertAnswer => ({
  ...keyParts(alert.group),
  code: alert.code,
  message: alert.message,
  sinceWallMs: alert.sinceWallMs,
});
