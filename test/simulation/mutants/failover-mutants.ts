/** Mistakes in failover: in the choice and its proof, in the order of steps, and in what is done to servers. */
import type { Mutant } from './mutant.ts';

const failover = (file: string): string => `src/core/failover/${file}.ts`;
const coordinator = (file: string): string => `src/core/coordinator/${file}.ts`;
const command = (file: string): string => `src/core/metadata/commands/${file}.ts`;
const redis = (file: string): string => `src/drivers/redis/${file}.ts`;

const CHOICE: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'promote-by-priority',
    file: failover('candidates'),
    find: '    const place = comparePlaces(other.place, one.place);\n',
    replace: `    const priority = replicaOf(group, one.replica).priority - replicaOf(group, other.replica).priority;
    if (priority !== 0) return priority;
    const place = comparePlaces(other.place, one.place);
`,
  },
  {
    name: 'promote-the-one-furthest-behind',
    file: failover('candidates'),
    find: 'const place = comparePlaces(other.place, one.place);',
    replace: 'const place = comparePlaces(one.place, other.place);',
    also: [
      {
        file: failover('left-behind'),
        find: 'if (shared >= other.place.offset) return true;',
        replace: 'if (shared >= 0n) return true;',
      },
    ],
  },
  {
    name: 'skip-the-guard-of-the-proof',
    file: failover('coverage'),
    find: '!promisesNothing(set) && !covers(set, counted) && !counted.some((read) => holdsAllOf(set, read, group)),',
    replace: '!promisesNothing(set) && !covers(set, counted) && counted.length < 0,',
  },
  {
    name: 'read-one-member-too-few',
    file: failover('acknowledging'),
    find: 'set.members.length - acknowledgingCount(set) + 1;',
    replace: 'set.members.length - acknowledgingCount(set);',
  },
  {
    name: 'count-a-rebooted-member',
    file: failover('coverage'),
    find: 'if (reigned === null && tried === null && !isMember(group, read)) {',
    replace: 'if (reigned === null && read.replica.length === 0) {',
    also: [
      {
        file: failover('acknowledging'),
        find: 'read.some((one) => one.replica === member.replica && one.incarnation === member.incarnation),',
        replace: 'read.some((one) => one.replica === member.replica),',
      },
    ],
  },
  {
    name: 'take-a-rebooted-master-for-one-that-holds-everything',
    file: failover('coverage'),
    find: 'group.reigns.findLast((reign) => reign.master === replica && reign.incarnation === report.incarnation) ??',
    replace: 'group.reigns.findLast((reign) => reign.master === replica) ??',
  },
  {
    name: 'forget-promotions-that-were-given-up',
    file: 'src/core/metadata/given-up.ts',
    find: 'return [...givenUp, promotion].slice(-LIMITS.promotionsGivenUp);',
    replace: 'return [...givenUp, promotion].slice(LIMITS.promotionsGivenUp);',
    scenario: 'candidate-alone-is-left',
  },
  {
    name: 'drop-older-rules-before-anybody-caught-up',
    file: failover('settle'),
    find: 'return k === 0 ? behind === 0 : behind <= set.members.length - k;',
    replace: 'return behind <= set.members.length;',
  },
  {
    name: 'call-members-caught-up-at-the-begin-of-a-reign',
    file: failover('sync-set-change'),
    find: 'return granted !== null && granted.version === view.last.version ? granted.offset : null;',
    replace: 'return granted === null ? view.reign.cut : view.reign.cut;',
  },
];

const STEPS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'fence-by-one-slave-whatever-the-rule',
    file: failover('time-fence'),
    find: 'const minimumSlaves = acknowledgingCount(set);',
    replace: 'const minimumSlaves = Math.min(1, acknowledgingCount(set));',
  },
  {
    name: 'leave-the-time-fence-as-it-was-when-the-rule-changes',
    file: redis('actions/grant'),
    find: 'if (action.producer !== null)',
    replace: 'if (action.producer !== null && settings.length === 0)',
  },
  {
    name: 'attach-before-k-is-raised',
    file: failover('returning'),
    find: '  if (acknowledgingCount(last) > 0) return false;\n',
    replace: '  if (acknowledgingCount(last) >= 0) return true;\n',
  },
  {
    name: 'remove-a-member-that-is-still-let-in',
    file: failover('sync-set-change'),
    find: 'const inbound = [...staying(view).map((member) => member.replica), ...attachedOutsiders(view)].filter(',
    replace:
      'const inbound = [...view.last.members.map((member) => member.replica), ...attachedOutsiders(view)].filter(',
  },
  {
    name: 'ask-for-one-acknowledgement-less',
    file: failover('write-rule'),
    find: "if (!short) return { rule: { kind: 'anyOf', k: wanted }, degraded: false, short };",
    replace:
      "if (!short) return { rule: { kind: 'anyOf', k: Math.max(1, wanted - 1) }, degraded: false, short };",
  },
  {
    name: 'steer-without-a-lease',
    file: coordinator('context'),
    find: 'return this.leadership.leading && now.monotonicMs < this.leadership.leaseUntilMs;',
    replace: 'return this.leadership.leading && now.monotonicMs >= 0;',
  },
];

const SERVERS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'collect-before-revoking',
    file: redis('actions/revoke'),
    find: `  const fenced = await fence(hand.value, context, action);
  if (!fenced.ok) return failed(fenced);
  if (!action.prepare) return done(fenced.value);`,
    replace: `  const early = await hand.value.report();
  const fenced = await fence(hand.value, context, action);
  if (!fenced.ok) return failed(fenced);
  if (!action.prepare) return early.ok ? done(early.value) : failed(early);`,
  },
  {
    name: 'revoke-without-leaving-the-master',
    file: redis('actions/revoke'),
    find: "    ['REPLICAOF', host, String(port)],\n",
    replace: '',
  },
  {
    name: 'take-half-a-revocation-for-done',
    file: redis('actions/revoke'),
    find: `  const fenced = await fence(hand.value, context, action);
  if (!fenced.ok) return failed(fenced);`,
    replace: '  await fence(hand.value, context, action);',
  },
  {
    name: 'leave-an-observers-user-on-the-candidate',
    file: redis('actions/promote'),
    find: '    ...removals,\n    ...strangers,\n',
    replace: '    ...removals.slice(0, 0),\n    ...strangers.slice(0, 0),\n',
    also: [
      {
        file: redis('actions/revoke'),
        find: "if (grants.length > 0) commands.push(['ACL', 'DELUSER', ...grants]);",
        replace: '',
      },
      {
        file: redis('actions/context'),
        find: "return found.join(' ') === asked.join(' ')",
        replace: 'return found.length >= asked.length',
      },
    ],
  },
  {
    name: 'leave-producers-of-an-older-version',
    file: redis('actions/context'),
    find: 'isGrant(name) && !inbound.includes(name) && name !== writer',
    replace: "isGrant(name) && !inbound.includes(name) && !name.startsWith('w-')",
  },
  {
    name: 'promote-any-process',
    file: redis('actions/context'),
    find: 'if (!report.ok || report.value.incarnation === expected) return report;',
    replace: 'if (!report.ok || report.value.incarnation.length + expected.length > 0) return report;',
  },
  {
    name: 'leave-older-hands-in-place',
    file: redis('steering-hand'),
    find: 'const leftovers = [...others, ...users.value.filter((name) => name === WRITER_USER)];',
    replace: 'const leftovers = users.value.filter((name) => name === WRITER_USER && others.length >= 0);',
  },
  {
    name: 'steer-beside-a-newer-hand',
    file: redis('steering-hand'),
    find: 'if (knowsNewerHand(others, target)) {',
    replace: 'if (others.length < 0) {',
  },
  {
    name: 'steer-as-one-user-in-all-terms',
    file: redis('access-rules'),
    find: 'export const steeringUser = ({ term, path }: HandOrder): string =>\n  ',
    replace: "export const steeringUser = ({ term, path }: HandOrder): string =>\n  term >= 0 ? 'ns-1' : ",
  },
  {
    name: 'leave-the-file-as-it-was',
    file: redis('prepare'),
    find: "      ['CONFIG', 'REWRITE'],\n",
    replace: '',
  },
  {
    name: 'persist-a-grant',
    file: redis('prepare'),
    find: "      ...(temporary.length === 0 ? [] : [['ACL', 'DELUSER', ...temporary]]),\n",
    replace: '',
  },
];

/** Bugs that were there once and that a kept scenario shows. */
const ONCE_THERE: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'wait-for-a-process-that-is-gone',
    file: failover('sync-set-change'),
    find: 'settledFrom(view.group, switched, (member) => restarted(view.input, member));',
    replace: 'settledFrom(view.group, switched);',
    scenario: 'rules-piled-up-over-a-rebooted-member',
  },
  {
    name: 'leave-a-member-that-follows-in-vain',
    file: failover('sync-set-change'),
    find: 'reattach: view.kept.find((member) => followsInVain(view, member)) ?? null,',
    replace: 'reattach: null,',
    scenario: 'member-attached-by-hand',
  },
  {
    name: 'leave-a-replica-that-follows-in-vain',
    file: failover('returning'),
    find: ' || isWaitingLong(view, outsider))',
    replace: ')',
    scenario: 'replica-attached-by-hand',
  },
  {
    name: 'take-every-resync-that-was-seen-for-one-cut-short',
    file: coordinator('group-run'),
    find: 'if (report.lineage === before.lineage) return report.offset <= before.offset;',
    replace: 'if (report.offset >= 0n) return true;',
  },
  {
    name: 'know-no-candidate-without-a-backlog',
    file: failover('branches'),
    find: 'if (secondLineage === null) return isCandidateOf(from, { replica, incarnation }) && offset === from.cut;',
    replace: 'if (isCandidateOf(from, { replica, incarnation }) && offset < 0n) return false;',
    scenario: 'candidate-without-a-backlog',
  },
  {
    name: 'leave-the-advice-to-accept-a-loss',
    file: coordinator('judge-master'),
    find: `      // It is not dead after all: nobody may be told to accept a loss for it.
      lowerDoubts(context, group.key);
`,
    replace: '',
    scenario: 'advice-that-outlived-its-reason',
  },
  {
    name: 'know-a-reign-by-its-first-lineage-only',
    file: failover('history-place'),
    find: 'if (lineage === reign.lineage || secondLineage !== reign.lineage) return null;',
    replace: 'if (lineage.length > 0 || secondLineage !== reign.lineage) return null;',
    scenario: 'failover-ordered-by-hand',
  },
];

/** What makes a master look dead that is not. */
const JUDGEMENT: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'condemn-a-master-by-one-word',
    file: 'src/core/liveness/verdict.ts',
    find: `  count.voters.length * 2 > allVoters &&
  new Set(count.voters.map((voter) => voter.site)).size >= 2;`,
    replace: '  count.voters.length > 0 && allVoters > 0;',
    scenario: 'leader-that-reaches-no-server',
  },
  {
    name: 'believe-the-first-suspicion',
    file: coordinator('judge-master'),
    find: "if (verdict !== 'dead') {",
    replace: 'if (run.confirmed !== null) {',
    scenario: 'leader-that-reaches-no-server',
  },
];

/** What moves masters out of an IDC and back. */
const DRILLS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'call-an-idc-drained-that-is-not',
    file: 'src/core/metadata/drill-changes.ts',
    find: `    if (drill.counts.failed > 0) return 'incomplete';
    return drill.kind === 'evacuation' && hostsMaster(store, drill.idc) ? 'incomplete' : 'completed';
`,
    replace: `    return drill.kind === 'return' && hostsMaster(store, drill.idc) ? 'incomplete' : 'completed';
`,
  },
  {
    name: 'begin-more-groups-than-asked-for',
    file: 'src/core/drills/drill-order.ts',
    find: 'let room = drill.parallel - drill.counts.moving - pending.size;',
    replace: 'let room = moves === null ? 0 : 99;',
    also: [
      {
        file: command('drill-note'),
        find: 'drill.counts.moving >= drill.parallel',
        replace: 'drill.counts.moving >= 99',
      },
    ],
  },
  {
    name: 'go-on-after-an-abort',
    file: command('drill-abort'),
    find: "    if (move.state === 'waiting')\n",
    replace: "    if (move.state === 'failed')\n",
    also: [
      {
        file: 'src/core/drills/drill-order.ts',
        find: 'drill.abort !== null || syncing',
        replace: 'syncing',
      },
      {
        file: command('drill-note'),
        find: 'if (drill.abort !== null && (',
        replace: 'if (drill.abort !== null && drill.parallel === 0 && (',
      },
    ],
  },
  {
    name: 'never-end-a-drill',
    file: command('drill-note'),
    find: '  endWhenDone(store);\n',
    replace: '',
  },
  {
    name: 'put-a-master-into-an-emptied-idc',
    file: failover('candidates'),
    find: 'Number(avoided?.has(replica.site) === true),',
    replace: 'Number(avoided?.has(replica.site) === false),',
  },
];

export const FAILOVER_MUTANTS: readonly Mutant[] = [
  ...CHOICE,
  ...STEPS,
  ...SERVERS,
  ...ONCE_THERE,
  ...JUDGEMENT,
  ...DRILLS,
].map((mutant) => ({
  ...mutant,
  profile: 'failover' as const,
}));
