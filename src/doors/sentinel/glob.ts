/**
 * Glob patterns as PSUBSCRIBE takes them: `*`, `?`, classes such as `[-+]sdown`, `[^a-c]`, and `\` before a character
 * that is meant as it is. Bytes are compared, case counts.
 *
 * Only the last star is ever gone back to, so a pattern costs at most its length times that of the text.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let starAt = -1;
  let starText = 0;
  while (inText < text.length) {
    if (pattern.charAt(inPattern) === '*') {
      starAt = inPattern;
      starText = inText;
      inPattern += 1;
      continue;
    }
    const next = inPattern < pattern.length ? matchOne(pattern, inPattern, text.charAt(inText)) : null;
    if (next !== null) {
      inPattern = next;
      inText += 1;
      continue;
    }
    if (starAt < 0) return false;
    starText += 1;
    inText = starText;
    inPattern = starAt + 1;
  }
  while (pattern.charAt(inPattern) === '*') inPattern += 1;
  return inPattern >= pattern.length;
}

/** Where the pattern goes on after it has matched one character; null where it does not match. */
function matchOne(pattern: string, at: number, character: string): number | null {
  switch (pattern.charAt(at)) {
    case '?':
      return at + 1;
    case '[':
      return matchClass(pattern, at + 1, character);
    case '\\':
      if (at + 1 < pattern.length) return pattern.charAt(at + 1) === character ? at + 2 : null;
      return character === '\\' ? at + 1 : null;
    default:
      return pattern.charAt(at) === character ? at + 1 : null;
  }
}

function matchClass(pattern: string, start: number, character: string): number | null {
  const isNegated = pattern.charAt(start) === '^';
  let at = isNegated ? start + 1 : start;
  let isIn = false;
  while (at < pattern.length && pattern.charAt(at) !== ']') {
    const escaped = pattern.charAt(at) === '\\' && at + 1 < pattern.length;
    if (escaped) at += 1;
    const from = pattern.charAt(at);
    if (!escaped && pattern.charAt(at + 1) === '-' && at + 2 < pattern.length) {
      const to = pattern.charAt(at + 2);
      const [low, high] = from <= to ? [from, to] : [to, from];
      if (character >= low && character <= high) isIn = true;
      at += 3;
    } else {
      if (character === from) isIn = true;
      at += 1;
    }
  }
  // A class that is never closed ends with the pattern.
  const end = at < pattern.length ? at + 1 : at;
  return isIn !== isNegated ? end : null;
}
