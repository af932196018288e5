/** Mistakes in consensus and in the loop around it. Each is one that the paper, or a trap of the trade, warns of. */
import type { Mutant } from './mutant.ts';

const raft = (file: string): string => `src/core/raft/${file}.ts`;
const node = (file: string): string => `src/core/node/${file}.ts`;

const VOTES: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'skip-the-persistence-of-a-vote',
    file: raft('durability'),
    find: 'votedFor !== this.#written.votedFor',
    replace: 'false',
  },
  {
    name: 'vote-twice-in-a-term',
    file: raft('election'),
    find: '(state.votedFor === null || state.votedFor === from) &&',
    replace: '',
  },
  {
    name: 'vote-for-a-log-that-lacks-entries',
    file: raft('election'),
    find: `message.term === state.term &&
      (state.votedFor === null || state.votedFor === from) &&
      state.log.isCoveredBy(message.lastIndex, message.lastTerm);`,
    replace: 'message.term === state.term && (state.votedFor === null || state.votedFor === from);',
  },
  {
    name: 'send-a-vote-before-it-is-on-disk',
    file: raft('election'),
    find: "state.outbox.sendAfterPersist(from, { type: 'voteReply'",
    replace: "state.outbox.sendNow(from, { type: 'voteReply'",
  },
  {
    name: 'tear-the-vote-from-its-term',
    file: raft('durability'),
    find: `    return {
      hardState,
      snapshot,`,
    replace: `    return {
      hardState: { ...hardState, votedFor: this.#written.votedFor },
      snapshot,`,
  },
  {
    name: 'tear-the-term-from-its-entries',
    file: raft('durability'),
    find: `    return {
      hardState,
      snapshot,`,
    replace: `    return {
      hardState: from <= lastIndex ? this.#written : hardState,
      snapshot,`,
  },
  {
    name: 'ignore-pre-vote',
    file: raft('election'),
    find: 'if (state.nowMs >= state.electionDeadlineMs) return this.startPreVote();',
    replace: 'if (state.nowMs >= state.electionDeadlineMs) this.campaign(false);',
  },
  {
    name: 'grant-every-pre-vote',
    file: raft('election'),
    find: '!state.standsByLeader &&',
    replace: '',
  },
  {
    name: 'listen-to-votes-under-a-leader',
    file: raft('election'),
    find: 'return this.#state.standsByLeader && !message.transfer;',
    replace: 'return false;',
  },
  {
    name: 'forget-at-a-restart-what-was-promised-to-a-lease',
    file: raft('node-state'),
    find: 'hardState.term > 0 && !this.isAlone ? nowMs : Number.NEGATIVE_INFINITY',
    replace: 'Number.NEGATIVE_INFINITY',
  },
  {
    name: 'two-of-five-are-a-majority',
    file: raft('quorum'),
    find: 'Math.floor(voters / 2) + 1',
    replace: 'Math.ceil(voters / 2.5)',
  },
  {
    name: 'keep-the-vote-in-a-new-term',
    file: raft('node-state'),
    find: `    this.votedFor = null;
    this.leader = null;`,
    replace: '    this.leader = null;',
  },
];

const LOGS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'count-an-entry-of-an-old-term-as-committed',
    file: raft('leadership'),
    find: 'if (index <= state.commitIndex || state.log.termAt(index) !== state.term) return;',
    replace: 'if (index <= state.commitIndex) return;',
    seeds: 3_000,
  },
  {
    name: 'forget-the-entry-that-begins-a-term',
    file: raft('leadership'),
    find: "state.log.append({ index: this.#firstIndex, term: state.term, kind: 'empty', data: NO_DATA });",
    replace: 'void NO_DATA;',
  },
  {
    name: 'apply-before-the-own-disk-has-it',
    file: raft('durability'),
    find: 'this.#batchOut = { hardState, lastIndex };',
    replace: 'this.#batchOut = { hardState, lastIndex }; this.#persistedIndex = lastIndex;',
  },
  {
    name: 'commit-past-the-own-disk',
    file: raft('leadership'),
    find: 'Math.min(this.#replication.matchedByMajority(), state.durability.persistedIndex)',
    replace: 'this.#replication.matchedByMajority()',
  },
  {
    name: 'answer-an-append-before-it-is-on-disk',
    file: raft('follower'),
    find: "outbox.sendAfterPersist(to, { type: 'appendReply', term, round, outcome });",
    replace: "outbox.sendNow(to, { type: 'appendReply', term, round, outcome });",
  },
  {
    name: 'append-behind-an-entry-of-another-term',
    file: raft('follower'),
    find: 'if (log.termAt(previousIndex) !== previousTerm) {',
    replace: 'if (log.termAt(previousIndex) === null) {',
  },
  {
    name: 'claim-the-whole-log-as-matching',
    file: raft('follower'),
    find: 'const matchIndex = previousIndex + entries.length;',
    replace: 'const matchIndex = log.lastIndex;',
  },
  {
    name: 'learn-of-commits-past-what-matches',
    file: raft('follower'),
    find: 'this.#state.learnCommit(Math.min(commitIndex, matchIndex));',
    replace: 'this.#state.learnCommit(Math.min(commitIndex, log.lastIndex));',
  },
  {
    name: 'keep-on-disk-what-was-cut-from-the-log',
    file: raft('follower'),
    find: `        durability.cutFrom(entry.index);
`,
    replace: '',
  },
  {
    name: 'take-for-written-what-came-after-the-batch',
    file: raft('durability'),
    find: `    this.#persistedIndex = batch.lastIndex;
    this.#storedIndex`,
    replace: `    this.#persistedIndex = this.#log.lastIndex;
    this.#storedIndex`,
  },
  {
    name: 'compact-one-entry-too-many',
    file: raft('durability'),
    find: 'compactBelow: snapshot === null ? null : snapshot.index + 1,',
    replace: 'compactBelow: snapshot === null ? null : snapshot.index + 2,',
  },
  {
    name: 'step-back-from-a-rejection-by-nothing',
    file: raft('replication'),
    find: 'progress.probeFrom(Math.max(agreed, progress.matchIndex) + 1);',
    replace: 'progress.probeFrom(Math.max(rejectedIndex, progress.matchIndex) + 1);',
  },
  {
    name: 'commit-at-the-pace-of-the-fastest',
    file: raft('quorum'),
    find: 'values[majorityOf(values.length) - 1] ?? 0',
    replace: 'values[Math.max(0, majorityOf(values.length) - 2)] ?? 0',
  },
];

const LEADERS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'confirm-a-read-by-a-round-begun-before-it',
    file: raft('read-queue'),
    find: '(this.#reads[count]?.askedInRound ?? answered) < answered',
    replace: '(this.#reads[count]?.askedInRound ?? answered + 1) <= answered',
  },
  {
    name: 'confirm-reads-by-nobody-else',
    file: raft('leadership'),
    find: 'this.#reads.confirmedBy(this.#replication.answeredByMajority())',
    replace: 'this.#reads.confirmedBy(this.#replication.currentRound)',
  },
  {
    name: 'read-before-anything-was-committed-in-the-term',
    file: raft('leadership'),
    find: 'if (!this.hasCommittedInTerm) return false;',
    replace: '',
  },
  {
    name: 'never-step-down-without-a-majority',
    file: raft('leadership'),
    find: "if (!this.#replication.isHeardByMajority()) return 'stepsDown';",
    replace: '',
  },
  {
    name: 'hold-a-lease-longer-than-others-stand-by-it',
    file: raft('leadership'),
    find: 'begunMs + electionTimeoutMs * (1 - clockDriftRatio)',
    replace: 'begunMs + electionTimeoutMs * (1 + 2 * clockDriftRatio)',
  },
  {
    name: 'begin-a-lease-when-its-answer-arrives',
    file: raft('leadership'),
    find: 'Math.max(this.#leaseUntilMs, begunMs + ',
    replace: 'Math.max(this.#leaseUntilMs, this.#state.nowMs + ',
  },
  {
    name: 'keep-the-lease-over-a-hand-over',
    file: raft('leadership'),
    find: 'return this.#timeoutNowSent ? 0 : this.#leaseUntilMs;',
    replace: 'return this.#leaseUntilMs;',
  },
  {
    name: 'tell-of-a-lease-that-ended-only-after-the-batch',
    file: node('node-loop'),
    find: `      this.#noticeLeadership(now);
      this.#out.raft(ahead.messagesNow);
      this.#applyAll(ahead, now);`,
    replace: `      this.#out.raft(ahead.messagesNow);
      for (const entry of ahead.committed) this.#apply(entry, now);
      for (const { readId, index } of ahead.confirmedReads) this.#clients.readConfirmed(readId, index, now);
      this.#clients.applied();`,
    seeds: 6_000,
  },
  {
    name: 'go-ahead-as-a-follower',
    file: raft('raft-core'),
    find: 'if (this.#leadership === null) return false;',
    replace: 'if (this.#leadership === null) return this.#appliedIndex < this.#state.durableCommitIndex;',
  },
  {
    name: 'never-send-a-lost-chunk-again',
    file: raft('replication'),
    find: 'return this.isHeard(progress) && this.#state.nowMs - transfer.chunkSentMs >= electionTimeoutMs;',
    replace: 'return electionTimeoutMs < 0;',
  },
];

const SNAPSHOTS_AND_ANSWERS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'accept-a-stale-snapshot',
    file: raft('follower'),
    find: 'if (index <= state.commitIndex) {',
    replace: 'if (index < 0) {',
  },
  {
    name: 'take-chunks-in-any-order',
    file: raft('snapshot-assembly'),
    find: 'if (chunk.offset === partial.receivedBytes) {',
    replace: 'if (chunk.offset >= 0) {',
  },
  {
    name: 'acknowledge-a-snapshot-before-it-is-on-disk',
    file: raft('follower'),
    find: `    state.outbox.sendAfterPersist(from, {
      type: 'snapshotReply',`,
    replace: `    state.outbox.sendNow(from, {
      type: 'snapshotReply',`,
  },
  {
    name: 'forget-to-restore-a-snapshot',
    file: node('node-loop'),
    find: '      this.#applied.restore(done.snapshotToRestore);\n',
    replace: '',
  },
  {
    name: 'answer-a-barrier-before-it-is-applied',
    file: node('pending-requests'),
    find: 'barriers.filter(({ value }) => value.index <= appliedIndex)',
    replace: 'barriers.filter(({ value }) => value.index <= appliedIndex + 3)',
  },
  {
    name: 'read-at-once-on-the-leader',
    file: node('client-way'),
    find: "if (request.type === 'readBarrier') this.#readBarrier(asker, now);",
    replace:
      "if (request.type === 'readBarrier') out.answer(asker, accepted({ kind: 'current', index: applied.state().appliedIndex }));",
  },
  {
    name: 'never-give-up-on-a-request',
    file: node('pending-requests'),
    find: 'if (nowMs < nextDeadlineCheckMs) return [];',
    replace: 'if (nowMs < Number.POSITIVE_INFINITY) return [];',
  },
  {
    name: 'step-anything-in-the-middle-of-a-batch',
    file: node('inbox'),
    find: "return input.message.kind === 'raft' && !raft.mayStepAhead(input.message.message);",
    replace: 'return false;',
  },
  {
    name: 'apply-refused-commands-all-the-same',
    file: 'src/core/metadata/commands/key-value-remove.ts',
    find: 'store.keyValues.delete(',
    replace: 'store.keyValues.clear(); store.keyValues.delete(',
  },
];

const OLD_NEWS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'campaign-at-once-when-asked-in-another-term',
    file: raft('raft-core'),
    find: 'if (message.term === this.#state.term && this.#state.leader === from) this',
    replace: 'if (this.#state.leader === from) this',
    seeds: 2_000,
  },
  {
    name: 'campaign-at-once-for-somebody-else-than-the-leader',
    file: raft('raft-core'),
    find: 'if (message.term === this.#state.term && this.#state.leader === from) this',
    replace: 'if (message.term === this.#state.term) this',
    seeds: 2_000,
  },
  {
    name: 'count-the-answers-of-another-term',
    file: raft('raft-core'),
    find: 'if (message.term === this.#state.term) this.#leadership?.onReply(from, message);',
    replace: 'this.#leadership?.onReply(from, message);',
    seeds: 2_000,
  },
];

const LOST_DISKS: readonly Omit<Mutant, 'profile'>[] = [
  {
    name: 'forget-nothing-of-a-node-that-lost-its-disk',
    file: node('node-loop'),
    find: "if (applied.command.type === 'member.join') this.#raft.forget(applied.command.node);",
    replace: '',
    seeds: 2_000,
  },
  {
    name: 'take-part-at-once-without-a-disk',
    file: 'src/main/waiting-room.ts',
    find: 'restored.hardState.term === 0;',
    replace: 'restored.hardState.term < 0;',
  },
  {
    name: 'take-part-at-the-first-answer-whatever-it-says',
    file: 'src/main/waiting-room.ts',
    find: "if (reply.ok) return { kind: 'admitted' };",
    replace: "if (reply.ok || reply.refusal.code === 'noLeader') return { kind: 'admitted' };",
  },
];

export const CONSENSUS_MUTANTS: readonly Mutant[] = [
  ...VOTES,
  ...LOGS,
  ...LEADERS,
  ...SNAPSHOTS_AND_ANSWERS,
  ...OLD_NEWS,
  ...LOST_DISKS,
].map((mutant) => ({ ...mutant, profile: 'consensus' as const }));
