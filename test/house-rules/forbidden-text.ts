/**
 * The words that no file may contain, each with what to do instead. A pattern is put together out of halves, so
 * that this file passes its own rule.
 */
type Ban = { readonly pattern: RegExp; readonly instead: string };

const looseType = 'an' + 'y';
const leftOut = '(?:sk' + 'ip|to' + 'do|on' + 'ly)';

const BANS = {
  code: [
    {
      pattern: new RegExp(`(?::|\\bas|<|\\|)\\s*${looseType}\\b(?!-)(?=\\s*[,;)=>\\[\\]|&{]|\\s*$)`),
      instead: 'unknown, and a parse',
    },
    { pattern: new RegExp('@ts-' + '(?:ignore|nocheck|expect-error)'), instead: 'the right type' },
    { pattern: new RegExp('biome-' + 'ignore'), instead: 'what the rule asks for' },
    { pattern: new RegExp('\\b(?:TO' + 'DO|FIX' + 'ME|XX' + 'X)\\b'), instead: 'the finished thing' },
    { pattern: new RegExp(`\\b(?:it|test|describe|suite)\\.${leftOut}\\b`), instead: 'a test that runs' },
    { pattern: new RegExp(`[{,]\\s*${leftOut}:\\s*(?:true|'|"|\`)`), instead: 'a test that runs' },
  ],
  core: [
    { pattern: new RegExp('\\bMath\\.ran' + 'dom\\b'), instead: 'core/primitives/seeded-random' },
    { pattern: new RegExp('\\bglobal' + 'This\\b'), instead: 'an input' },
    {
      pattern: /\b(?:Date\.now|new Date|set(?:Timeout|Interval|Immediate)|performance\.now)\(/,
      instead: 'an Instant, or the tick input',
    },
    { pattern: /\bfrom 'node:/, instead: 'a port' },
  ],
  anywhere: [
    { pattern: new RegExp('(?<![\\w.])/wo' + 'rk(?:/|\\b)'), instead: 'a path from the root of the project' },
    { pattern: new RegExp('\\.\\./sha' + 'red\\b'), instead: 'what that page says' },
    { pattern: new RegExp('\\bissue ' + '#?\\d'), instead: 'the reason itself' },
    {
      pattern: new RegExp('\\b(?:safe-' + 'failover|raft-' + 'notes|style-' + 'anchors|design)\\.m' + 'd\\b'),
      instead: 'what that page says',
    },
  ],
} as const satisfies Record<string, readonly Ban[]>;

/** `file:line: found; instead: ...` for every line that contains what is banned there. */
export function findForbidden(place: keyof typeof BANS, file: string, text: string): string[] {
  const bans: readonly Ban[] = BANS[place];
  return text
    .split('\n')
    .flatMap((line, index) =>
      bans
        .filter(({ pattern }) => pattern.test(line))
        .map(({ instead }) => `${file}:${index + 1}: ${line.trim()}; instead: ${instead}`),
    );
}

const KNOWN_HOSTS = [
  /^localhost$/,
  /^127\./,
  /^0\.0\.0\.0$/,
  /^192\.0\.2\./,
  /^198\.51\.100\./,
  /^203\.0\.113\./,
  /^10\./,
  // Hosts without a dot are names of nodes in examples; the rest is reserved for documentation.
  /^[a-z0-9-]+$/,
  /(?:^|\.)example(?:\.(?:com|org|net))?$/,
  /\.(?:test|invalid)$/,
  /^(?:www\.)?(?:github\.com|apache\.org|w3\.org|redis\.io|raft\.github\.io|json-schema\.org|spec\.openapis\.org)$/,
];

/** True for a host that is neither this machine, nor reserved for documentation, nor a public page that we cite. */
export function isForeignHost(host: string): boolean {
  return !KNOWN_HOSTS.some((known) => known.test(host));
}
