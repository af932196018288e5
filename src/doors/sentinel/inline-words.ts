/**
 * Words of an inline command, as people type them into a plain connection: separated by blanks, in double quotes with
 * escapes, or in single quotes. The same rules as a Redis server's.
 */
const BLANK = /[ \t\n\r\v\f\0]/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };
const HEX = /^[0-9A-Fa-f]{2}$/;

/** Null where quotes are not closed, or are followed by anything but a blank. */
export function inlineWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANK.test(line.charAt(at))) at += 1;
    if (at >= line.length) return words;
    const word = readWord(line, at);
    if (word === null) return null;
    words.push(word.text);
    at = word.end;
  }
}

type Word = { readonly text: string; readonly end: number };

function readWord(line: string, start: number): Word | null {
  let text = '';
  let at = start;
  while (at < line.length) {
    const character = line.charAt(at);
    if (BLANK.test(character)) break;
    if (character !== '"' && character !== "'") {
      text += character;
      at += 1;
      continue;
    }
    const quoted = character === '"' ? readDoubleQuoted(line, at + 1) : readSingleQuoted(line, at + 1);
    if (quoted === null) return null;
    if (quoted.end < line.length && !BLANK.test(line.charAt(quoted.end))) return null;
    return { text: text + quoted.text, end: quoted.end };
  }
  return { text, end: at };
}

function readDoubleQuoted(line: string, start: number): Word | null {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    if (character !== '\\' || at + 1 >= line.length) {
      text += character;
      continue;
    }
    const next = line.charAt(at + 1);
    const digits = line.slice(at + 2, at + 4);
    if (next === 'x' && HEX.test(digits)) {
      text += String.fromCharCode(Number.parseInt(digits, 16));
      at += 3;
    } else {
      text += ESCAPES[next] ?? next;
      at += 1;
    }
  }
  return null;
}

function readSingleQuoted(line: string, start: number): Word | null {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === "'") return { text, end: at + 1 };
    if (character === '\\' && line.charAt(at + 1) === "'") {
      text += "'";
      at += 1;
    } else text += character;
  }
  return null;
}
