/**
 * One master taken over from its Sentinels, or only planned. The order is what makes it safe to break off: nothing is
 * told to any Sentinel before the servers were found fit.
 */
import { refusalOfPlan } from '../coordinator/plan-refusal.ts';
import type { GroupPlan } from '../coordinator/requests.ts';
import { accepted, type Result } from '../primitives/refusal.ts';
import {
  type AdoptionOrder,
  type AdoptionPorts,
  type AdoptionReply,
  ask,
  type Course,
  committed,
  forbiddenBy,
  forbids,
  serversOf,
  unexpected,
} from './course.ts';
import { courseOf } from './set-course.ts';
import { strangerFindings } from './strangers.ts';
import { surveyMaster } from './survey.ts';
import { lookAgain, takeOver } from './take-over.ts';

export async function adopt(order: AdoptionOrder, ports: AdoptionPorts): Promise<Result<AdoptionReply>> {
  const { sentinel, terms, planOnly } = order;
  const survey = await surveyMaster(ports.sentinels, sentinel, terms.name);
  if (!survey.ok) return survey;
  const strangers = terms.watchOnly
    ? []
    : await strangerFindings(ports.sentinels, survey.value, serversOf(survey.value));
  const set = courseOf(order, ports, survey.value, strangers);
  if (!set.ok) return set;
  const course = set.value;
  const { adoption } = course;
  const forbidden = adoption.findings.filter((one) => forbids(one, terms.watchOnly));
  if (planOnly) {
    if (terms.watchOnly) return accepted({ kind: 'plan', adoption, fit: forbidden.length === 0, plan: null });
    const plan = await preflight(course, false);
    if (!plan.ok) return plan;
    return accepted({
      kind: 'plan',
      adoption,
      fit: plan.value.fit && forbidden.length === 0,
      plan: plan.value,
    });
  }
  if (forbidden.length > 0) return forbiddenBy(forbidden);
  if (terms.watchOnly) return committed(course);
  const plan = await preflight(course, true);
  if (!plan.ok) return plan;
  if (!plan.value.fit) return refusalOfPlan(course.declaration, plan.value);
  const unchanged = await lookAgain(course, survey.value);
  return unchanged.ok ? takeOver(course) : unchanged;
}

/** The ordinary preflight; that Sentinels watch the servers is what this is about, and not held against them. */
async function preflight(course: Course, proveWritable: boolean): Promise<Result<GroupPlan>> {
  const reply = await ask(course, { planOnly: true, proveWritable });
  if (!reply.ok) return reply;
  if (reply.value.kind !== 'plan') return unexpected(reply.value.kind);
  const plan = besideSentinels(reply.value.plan);
  const { master } = course.adoption;
  const first = plan.servers.find(({ replica }) => replica === plan.master)?.address ?? null;
  if (first === null || first === master) return accepted(plan);
  const message = `would be the first master, and the Sentinels say ${master}; wait until they agree`;
  const problems = [...plan.problems, { replica: plan.master, code: 'otherMaster', message }];
  return accepted({ ...plan, problems, fit: false });
}

const isOfSentinels = ({ code }: { readonly code: string }): boolean => code === 'watchedBySentinel';

function besideSentinels(plan: GroupPlan): GroupPlan {
  const problems = plan.problems.filter((problem) => !isOfSentinels(problem));
  const servers = plan.servers.map((server) => {
    const { inspection } = server;
    if (inspection === null) return server;
    const others = inspection.problems.filter((problem) => !isOfSentinels(problem));
    return { ...server, inspection: { ...inspection, problems: others } };
  });
  return { ...plan, servers, problems, fit: problems.length === 0 };
}
