/** `pollux tail`: what old masters wrote beyond the cut. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { tailShow } from './tail-show.ts';

export const tail = (register: Register): Command =>
  new Command('tail').description('what old masters wrote beyond the cut').addCommand(tailShow(register));
