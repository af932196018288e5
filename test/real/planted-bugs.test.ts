/**
 * Some of the planted bugs are hunted in every test run, those that a few lives show or a kept scenario; all of them are a
 * command.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hunt, huntInScenario } from '../simulation/mutants/hunt.ts';
import { MUTANTS } from '../simulation/mutants/list.ts';
import type { Mutant } from '../simulation/mutants/mutant.ts';
import { PlantedCopy } from '../simulation/mutants/plant.ts';
import { repositoryRoot } from '../support/repository.ts';

const QUICK = [
  'skip-the-persistence-of-a-vote',
  'ignore-pre-vote',
  'apply-before-the-own-disk-has-it',
  'never-step-down-without-a-majority',
  'attach-before-k-is-raised',
];
const LIVES = 10;

let copy: PlantedCopy | null = null;
before(() => {
  copy = new PlantedCopy(repositoryRoot);
});
after(() => copy?.remove());

async function huntFor(mutant: Mutant) {
  assert.ok(copy !== null);
  const uproot = copy.plant(mutant);
  const found = await hunt(copy.directory, mutant.profile, LIVES);
  uproot();
  return found;
}

for (const name of QUICK) {
  test(`within ${LIVES} lives the simulation finds: ${name}`, async () => {
    const mutant = MUTANTS.find((one) => one.name === name);
    assert.ok(mutant !== undefined);
    const found = await huntFor(mutant);
    assert.ok(found.caught, found.caught ? '' : found.why);
  });
}

for (const mutant of MUTANTS) {
  const { name, scenario } = mutant;
  if (scenario === undefined) continue;
  test(`${scenario} shows: ${name}`, async () => {
    assert.ok(copy !== null);
    const uproot = copy.plant(mutant);
    const found = await huntInScenario(copy.directory, scenario);
    uproot();
    assert.ok(found.caught, found.caught ? '' : found.why);
    const asItIs = await huntInScenario(copy.directory, scenario);
    assert.deepEqual(asItIs, { caught: false, seeds: 1, why: 'no violation' });
  });
}

test('a change that breaks nothing is not called a bug', async () => {
  const harmless: Mutant = {
    name: 'harmless',
    file: 'src/core/raft/quorum.ts',
    find: 'Math.floor(voters / 2) + 1',
    replace: '1 + Math.floor(voters / 2)',
    profile: 'consensus',
  };
  const found = await huntFor(harmless);
  assert.deepEqual(found, { caught: false, seeds: LIVES, why: 'no violation' });
});
