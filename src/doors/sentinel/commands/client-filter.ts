/** Which clients CLIENT LIST shows and CLIENT KILL ends: filters that all have to fit, as names and values. */
import { error, type Reply } from '../reply.ts';
import { type Session, subscriptionsOf } from '../session.ts';

export type ClientFilter = {
  readonly fits: (session: Session) => boolean;
  /** Whether who asks is left out, whatever else fits. */
  readonly skipsAsker: boolean;
};

type Fits = ClientFilter['fits'];

const SYNTAX = error('ERR syntax error');
const isPositive = (text: string): boolean => /^[1-9]\d{0,18}$/.test(text);

/** Nobody replicates from a door. */
function fitsType(type: string): Fits | Reply {
  switch (type.toLowerCase()) {
    case 'normal':
      return (session) => subscriptionsOf(session) === 0;
    case 'pubsub':
      return (session) => subscriptionsOf(session) > 0;
    case 'master':
    case 'replica':
    case 'slave':
      return () => false;
    default:
      return error(`ERR Unknown client type '${type.slice(0, 128)}'`);
  }
}

function fitsOne(name: string, value: string): Fits | Reply {
  switch (name.toLowerCase()) {
    case 'id':
      if (!isPositive(value)) return error('ERR client-id should be greater than 0');
      return (session) => String(session.id) === value;
    case 'addr':
      return (session) => session.address === value;
    case 'type':
      return fitsType(value);
    case 'user':
      return (session) => session.user?.name === value;
    default:
      return SYNTAX;
  }
}

/** Of the words behind CLIENT KILL. */
export function killFilter(words: readonly string[]): ClientFilter | Reply {
  let skipsAsker = true;
  const all: Fits[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [name = '', value] = words.slice(at, at + 2);
    if (value === undefined) return SYNTAX;
    if (name.toLowerCase() === 'skipme') {
      if (!/^(yes|no)$/i.test(value)) return SYNTAX;
      skipsAsker = /^yes$/i.test(value);
      continue;
    }
    const fits = fitsOne(name, value);
    if (typeof fits !== 'function') return fits;
    all.push(fits);
  }
  return { fits: (session) => all.every((fits) => fits(session)), skipsAsker };
}

/** Of the words behind CLIENT LIST: none, a type, or any number of ids. */
export function listFilter([name, ...values]: readonly string[]): ClientFilter | Reply {
  const of = (fits: Fits): ClientFilter => ({ fits, skipsAsker: false });
  if (name === undefined) return of(() => true);
  const [first] = values;
  if (first === undefined) return SYNTAX;
  if (name.toLowerCase() === 'type' && values.length === 1) {
    const fits = fitsType(first);
    return typeof fits === 'function' ? of(fits) : fits;
  }
  if (name.toLowerCase() !== 'id') return SYNTAX;
  if (!values.every(isPositive)) return error('ERR Invalid client ID');
  const wanted = new Set(values);
  return of((session) => wanted.has(String(session.id)));
}
