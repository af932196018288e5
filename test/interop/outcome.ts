/** How a command of this room ends. */
export type Outcome =
  | { readonly kind: 'green' }
  | { readonly kind: 'red' }
  /** The command line is none. */
  | { readonly kind: 'usage'; readonly problem: string }
  /** Something is missing here; what could be tried was, and was green. */
  | { readonly kind: 'impossible'; readonly why: readonly string[] };

export type Progress = (line: string) => void;
export type InteropCommand = {
  readonly usage: string;
  readonly run: (parameters: readonly string[], progress: Progress) => Promise<Outcome>;
};
