/**
 * The model of Redis against Redis: the same scripts run against both, and whatever a script looks at is the same. Each
 * script is named after the fact that failover leans on, and says itself what has to be seen.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelLab } from '../simulation/redis/conformance/model-lab.ts';
import { realLab } from '../simulation/redis/conformance/real-lab.ts';
import { runScript } from '../simulation/redis/conformance/run-script.ts';
import { ACCESS } from '../simulation/redis/conformance/scripts-access.ts';
import { ACKNOWLEDGING } from '../simulation/redis/conformance/scripts-acknowledging.ts';
import { LINEAGE } from '../simulation/redis/conformance/scripts-lineage.ts';
import { RESTARTS } from '../simulation/redis/conformance/scripts-restarts.ts';

const SCRIPTS_AT_ONCE = 6;

describe('the model behaves as a real Redis does', { concurrency: SCRIPTS_AT_ONCE }, () => {
  for (const script of [...ACKNOWLEDGING, ...LINEAGE, ...RESTARTS, ...ACCESS]) {
    it(script.name, async () => {
      const lab = realLab();
      try {
        const real = await runScript(lab, script);
        assert.deepEqual(await runScript(modelLab(1), script), real);
      } finally {
        await lab.close();
      }
    });
  }
});
