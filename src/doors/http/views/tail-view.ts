/** A kept tail of an old master. */
import type { KeptTail } from '../../../core/metadata/state.ts';

export const tailView = ({ cut, offset, ...tail }: KeptTail) => ({
  ...tail,
  cut: cut.toString(),
  offset: offset.toString(),
});
