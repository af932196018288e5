import { memoryLog } from '../../src/platform/memory-log.ts';
import { describeLog } from './log-contract.ts';

describeLog('memory log', async () => {
  const log = memoryLog();
  return { open: async () => log, dispose: async () => undefined };
});
