/** In what a peer is written: its name in a JSON header, its place in this list in a binary one. */
export const LANGUAGES = [
  'JAVA',
  'CPP',
  'DOTNET',
  'PYTHON',
  'DELPHI',
  'ERLANG',
  'RUBY',
  'OTHER',
  'HTTP',
  'GO',
  'PHP',
  'OMS',
  'RUST',
  'NODE_JS',
] as const;

export type Language = (typeof LANGUAGES)[number];

/** What frames of ours say: stock servers say so, and no client is known that stumbles over it. */
export const OUR_LANGUAGE: Language = 'JAVA';

const NAMES: ReadonlySet<string> = new Set(LANGUAGES);

const isLanguage = (name: string): name is Language => NAMES.has(name);

/** Null for one that is not in the list, as Java reads it: a language that we do not know is no damage. */
export const languageByName = (name: string): Language | null => (isLanguage(name) ? name : null);

export const languageByCode = (code: number): Language | null => LANGUAGES[code] ?? null;

export const codeOfLanguage = (language: Language): number => LANGUAGES.indexOf(language);
