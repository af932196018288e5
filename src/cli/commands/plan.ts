/** `pollux plan`: what would come of a change that nobody has made yet. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { planAllocation } from './plan-allocation.ts';

export const plan = (register: Register): Command =>
  [planAllocation].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('plan').description('what would come of a change; changes nothing'),
  );
