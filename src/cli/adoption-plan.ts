/** What a takeover from Sentinels would mean, for people: who they are, what each is told, and where each server stands. */
import type { AdoptionAnswer, AdoptionPlanAnswer } from '../contract/adoption.ts';
import { type PlannedGroup, planText } from './group-plan.ts';
import type { Paint } from './paint.ts';
import { facts, section, table } from './table.ts';
import { yesNo } from './words.ts';

export function adoptionPlanText(paint: Paint, group: PlannedGroup, answer: AdoptionPlanAnswer): string {
  const { adoption, plan, fit } = answer;
  const servers =
    plan === null ? watchedText(paint, group, answer) : planText(paint, group, { ...plan, fit });
  return [
    servers,
    section(paint, 'PLACED', placeTable(paint, adoption)),
    section(paint, 'SENTINELS', sentinelTable(paint, adoption)),
    section(paint, 'TO PUT IT BACK', putBackLines(adoption).join('\n')),
    section(paint, 'FOUND AT THE SENTINELS', findingLines(paint, adoption)),
  ].join('');
}

function watchedText(paint: Paint, { name }: PlannedGroup, { adoption, fit }: AdoptionPlanAnswer): string {
  const head = facts([
    ['plan for', `${name}, watched only (nothing is changed on any server, no Sentinel is told anything)`],
    ['fit', fit ? paint.good(yesNo(true)) : paint.bad('no, see what was found')],
    ['master now', adoption.master],
  ]);
  return `${head}\n`;
}

const REASONS = { site: '--site', addressRange: 'address range', declared: 'declared before' } as const;

const placeTable = (paint: Paint, { servers, master }: AdoptionAnswer): string =>
  table(
    paint,
    ['REPLICA', 'ADDRESS', 'NOW', 'SITE', 'BY'],
    servers.map(({ replica, address, site, placedBy }) => [
      replica,
      address,
      address === master ? 'master' : 'slave',
      site,
      REASONS[placedBy],
    ]),
  );

const sentinelTable = (paint: Paint, { sentinels }: AdoptionAnswer): string =>
  table(
    paint,
    ['SENTINEL', 'ID', 'IS TOLD'],
    sentinels.map(({ address, id, told }) => [address, id.slice(0, 8), told.join('; ') || 'nothing']),
  );

/** For each Sentinel that is told anything. */
export const putBackLines = ({ sentinels }: AdoptionAnswer): readonly string[] => {
  const lines = sentinels
    .filter(({ told }) => told.length > 0)
    .flatMap(({ address, putBack }) => [`on ${address}:`, ...putBack.map((command) => `  ${command}`)]);
  if (lines.length === 0) return [];
  return [...lines, 'and auth-user and auth-pass there, where the servers ask for them'];
};

const findingLines = (paint: Paint, { findings }: AdoptionAnswer): string =>
  findings
    .map(({ code, message, forbids }) => {
      const mark = forbids === 'nothing' ? paint.warning('-') : paint.bad('!');
      const still = forbids === 'takeover' ? ', it can be watched all the same' : '';
      return `${mark} ${message} (${code}${still})`;
    })
    .join('\n');
