/** Commands that a client asks for: judged by their own rules when they are applied, and before that by what only a leader knows. */
import type { Command } from '../metadata/command.ts';
import { checkCommand } from '../metadata/command-codec.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import type { Asker } from './effects.ts';

/**
 * Probes are each node's own setting, which the state does not know: the leader goes by its own. With fewer probes in
 * a detection time one late answer would be a suspicion.
 */
export function checkDetection(context: Context, detectionMs: number): Result<null> {
  const { probeIntervalMs } = context.options;
  const shortestMs = LIMITS.probesPerDetection * probeIntervalMs;
  if (detectionMs >= shortestMs) return accepted(null);
  return refused(
    'invalidRequest',
    `A detection time of ${detectionMs} ms is too short: servers are probed every ${probeIntervalMs} ms.`,
    { field: 'detectionMs', expected: `at least ${shortestMs}` },
  );
}

/** Whether it was proposed; if not, the asker knows. */
export function proposeForClient(context: Context, asker: Asker, command: Command): boolean {
  const checks = [
    () => checkCommand(command),
    () =>
      command.type === 'group.set' && command.detectionMs !== null
        ? checkDetection(context, command.detectionMs)
        : accepted(null),
  ];
  for (const check of checks) {
    const checked = check();
    if (checked.ok) continue;
    context.emit({ kind: 'reply', asker, reply: checked });
    return false;
  }
  context.emit({ kind: 'propose', command, asker });
  return true;
}
