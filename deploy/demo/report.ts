/** Sums up: what was acknowledged, what is missing on the servers, how long each IDC stood still. */
import { facts } from '../../src/cli/table.ts';
import type { FailoverSeen } from './story.ts';
import type { Traffic } from './traffic.ts';

export type Report = {
  readonly acknowledged: number;
  readonly lost: number;
  readonly deliveredTwice: number;
  readonly notDelivered: number;
  readonly longestGapMs: Readonly<Record<string, number>>;
  readonly failover: {
    readonly group: string;
    readonly from: string;
    readonly to: string;
    readonly epoch: number;
    readonly stepsMs: Readonly<Record<string, number>>;
  };
};

export function makeReport(traffic: Traffic, kept: ReadonlySet<string>, failover: FailoverSeen): Report {
  const acknowledged = traffic.load.idcs.flatMap((one) => [...one.acknowledged]);
  const { group, from, to, epoch, stepsMs } = failover;
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((id) => !kept.has(id)).length,
    deliveredTwice: [...traffic.deliveries.values()].filter((times) => times > 1).length,
    notDelivered: acknowledged.filter((id) => !traffic.deliveries.has(id)).length,
    longestGapMs: Object.fromEntries(traffic.load.idcs.map((one) => [one.idc, Math.round(one.longestGapMs)])),
    failover: { group, from, to, epoch, stepsMs },
  };
}

/** Good only if a failover happened, something was acknowledged in the run, and nothing of it is missing. */
export const succeeded = (report: Report): boolean =>
  report.lost === 0 &&
  report.acknowledged > 0 &&
  report.failover.to !== '' &&
  report.failover.to !== report.failover.from;

export function describe(report: Report): string {
  const { failover } = report;
  const steps = Object.entries(failover.stepsMs).sort(([, one], [, other]) => one - other);
  return facts([
    ['writes acknowledged', String(report.acknowledged)],
    ['lost, read back from the servers', String(report.lost)],
    ['delivered twice', String(report.deliveredTwice)],
    ['not delivered', String(report.notDelivered)],
    ...Object.entries(report.longestGapMs).map(([idc, ms]): [string, string] => [
      `longest gap between acknowledged writes, ${idc}`,
      `${ms} ms`,
    ]),
    ['failover', `${failover.group}, ${failover.from} -> ${failover.to}, epoch ${failover.epoch}`],
    ...steps.map(([step, ms]): [string, string] => [`  ${step}`, `${ms} ms after the kill`]),
  ]);
}
