/** Lives that once showed something are lived again: what they found must not come back. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot, walkFiles } from '../support/repository.ts';
import { outcomeOf } from './command/live-seed.ts';
import { formatScenario, lifeOf, parseScenario } from './command/scenario.ts';
import { profileOf } from './profiles/registry.ts';

const files = (await walkFiles(repositoryRoot, 'test/scenarios')).filter((file) => file.endsWith('.json'));
assert.ok(files.length > 0, 'scenarios are kept in test/scenarios');

for (const file of files) {
  const scenario = parseScenario(await readFile(path.join(repositoryRoot, file), 'utf8'));
  test(`${path.basename(file, '.json')}: ${scenario.story}`, async () => {
    assert.ok(scenario.story.length > 20, 'a kept scenario says what it is about');
    const outcome = await outcomeOf(lifeOf(scenario));
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.detail);
  });
}

test('a scenario is read as it was written, a fault a line', () => {
  const profile = profileOf(3);
  const { plan } = profile.prepare(3);
  const scenario = {
    story: 'A life that was written down.',
    profile: profile.name,
    plan,
    transcript: ['a', 'b'],
  };
  const text = formatScenario(scenario);
  assert.deepEqual(parseScenario(text), JSON.parse(JSON.stringify(scenario)));
  for (const line of text.split('\n').filter((candidate) => candidate.includes('"atMs"')))
    assert.match(line, /^ +\{ "atMs": .* \},?$/);
});

test('a file of a profile that does not exist is refused', () => {
  assert.throws(
    () => lifeOf({ story: '', profile: 'none', plan: {}, transcript: [] }),
    /there is no profile/,
  );
  assert.throws(() => lifeOf({ story: '', profile: 'consensus', plan: { seed: 'x' }, transcript: [] }));
});
