/** Colours by meaning; without a terminal every one of them leaves its text alone. */
import picocolors from 'picocolors';

type Brush = (text: string) => string;
export type Paint = {
  readonly good: Brush;
  readonly warning: Brush;
  readonly bad: Brush;
  readonly quiet: Brush;
  readonly heading: Brush;
};

export function paintFor(colours: boolean): Paint {
  const { green, yellow, red, dim, bold } = picocolors.createColors(colours);
  return { good: green, warning: yellow, bad: red, quiet: dim, heading: bold };
}
