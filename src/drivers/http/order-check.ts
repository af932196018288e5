/** Whether an action may be ordered of a broker, and whether its report bears out that it was carried out. */
import type { SteerAction, SteerOutcome } from '../../core/failover/steering.ts';
import type { ServerReport } from '../../core/liveness/observation.ts';

type Failed = Extract<SteerOutcome, { kind: 'failed' }>;

const mismatch = (detail: string): Failed => ({ kind: 'failed', reason: 'mismatch', detail });

/** Null when the newest report allows the action. */
export function refuseBefore(action: SteerAction, report: ServerReport): Failed | null {
  if ('expectedIncarnation' in action && action.expectedIncarnation !== report.incarnation) {
    return mismatch(`it is incarnation ${report.incarnation}, expected ${action.expectedIncarnation}`);
  }
  if (action.kind === 'promote' && report.offset < action.minimumOffset) {
    return mismatch(`its offset is ${report.offset}, expected at least ${action.minimumOffset}`);
  }
  return null;
}

/** The outcome, from the first report that came with the orders seen. */
export function outcomeAfter(action: SteerAction, report: ServerReport): SteerOutcome {
  const refusal = refuseBefore(action, report);
  if (refusal !== null) return refusal;
  const problem = contradiction(action, report);
  return problem === null ? { kind: 'done', report } : mismatch(problem);
}

function contradiction(action: SteerAction, report: ServerReport): string | null {
  switch (action.kind) {
    case 'revoke':
      return report.role === 'master' || report.follows !== null
        ? 'it says that it is fenced, and reports that it still is a master or follows one'
        : null;
    case 'promote':
      if (report.role !== 'master') return 'it says that it was promoted, and reports that it is a slave';
      return report.epoch === null || report.epoch === action.epoch
        ? null
        : `it reports epoch ${report.epoch}, expected ${action.epoch}`;
    case 'attach':
      return report.role === 'slave' && report.follows?.address === action.masterAddress
        ? null
        : `it says that it follows ${action.masterAddress}, and reports otherwise`;
    case 'grant':
    case 'pauseWrites':
    case 'resumeWrites':
    case 'inspect':
    case 'check':
    case 'keepTail':
    case 'release':
      return null;
    default:
      return action satisfies never;
  }
}
