/** Reads the little languages of option values. What cannot be read is a usage error that shows the right form. */
import { InvalidArgumentError } from 'commander';
import type { ReplicaDeclaration } from '../contract/groups.ts';
import type { TopicDeclaration } from '../contract/topics.ts';

const REPLICA_FORM = '[ID=]HOST:PORT@SITE[,priority=N][,replication=HOST:PORT][,announced=HOST:PORT]';
const QUEUES_FORM = 'GROUP=QUEUES or GROUP=READ/WRITE';

const wrong = (found: string, form: string): InvalidArgumentError =>
  new InvalidArgumentError(`'${found}' is not of the form ${form}.`);

/** For options that may be given several times. */
export const collect =
  <Value>(read: (text: string) => Value) =>
  (text: string, earlier: readonly Value[] | undefined): readonly Value[] => [...(earlier ?? []), read(text)];

export function readReplica(text: string): ReplicaDeclaration {
  const [place = '', ...settings] = text.split(',');
  const match = /^(?:([^=@]+)=)?([^=@]+)@([^=@]+)$/.exec(place);
  if (match === null) throw wrong(text, REPLICA_FORM);
  const [, id, client = '', site = ''] = match;
  const known = new Map<string, string>();
  for (const setting of settings) {
    const [name = '', value = '', ...rest] = setting.split('=');
    const expected = ['priority', 'replication', 'announced'].includes(name) && !known.has(name);
    if (!expected || value === '' || rest.length > 0) throw wrong(text, REPLICA_FORM);
    known.set(name, value);
  }
  const priority = known.get('priority');
  if (priority !== undefined && !/^\d{1,4}$/.test(priority)) throw wrong(text, REPLICA_FORM);
  const replication = known.get('replication');
  const announced = known.get('announced');
  return {
    ...(id === undefined ? {} : { id }),
    site,
    endpoints: {
      client,
      ...(replication === undefined ? {} : { replication }),
      ...(announced === undefined ? {} : { announced }),
    },
    ...(priority === undefined ? {} : { priority: Number(priority) }),
  };
}

/** `orders-a=8` (8 queues) or `orders-a=8/4` (8 to read, 4 to write: how a topic is shrunk). */
export function readTopicQueues(text: string): TopicDeclaration['queues'][number] {
  const match = /^([^=]+)=(\d{1,6})(?:\/(\d{1,6}))?$/.exec(text);
  if (match === null) throw wrong(text, QUEUES_FORM);
  const [, group = '', read = '', write = read] = match;
  return { group, readQueues: Number(read), writeQueues: Number(write) };
}

export function readPair(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw wrong(text, 'NAME=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}

const PLACE_FORM = 'ADDRESS=IDC, where ADDRESS is HOST:PORT or HOST';

/** `10.1.0.5:6379=idc-a`, or `10.1.0.5=idc-a` for all servers of a host. */
export function readPlace(text: string): readonly [address: string, site: string] {
  const match = /^([^=\s]+)=([^=\s]+)$/.exec(text);
  if (match === null) throw wrong(text, PLACE_FORM);
  const [, address = '', site = ''] = match;
  return [address, site];
}

/** `m1@idc-a`, or `m1` where the member does not know its IDC. */
export function readMember(text: string): { readonly member: string; readonly idc: string | null } {
  const match = /^([^@,\s]+)(?:@([^@,\s]+))?$/.exec(text);
  if (match === null) throw wrong(text, 'MEMBER@IDC');
  const [, member = '', idc = null] = match;
  return { member, idc };
}

/** A whole number of at least `minimum`. */
export const readCount =
  (minimum: number) =>
  (text: string): number => {
    if (!/^\d{1,9}$/.test(text) || Number(text) < minimum) {
      throw new InvalidArgumentError(`'${text}' is not a whole number of at least ${minimum}.`);
    }
    return Number(text);
  };

export const TIME_FENCE_HELP = 'a master without its slaves stops for clients that do not wait';

/** `off`, or whole seconds; 0 is off. */
export const readTimeFence = (text: string): number => (text === 'off' ? 0 : readCount(1)(text));
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `2h`, `3d`; as milliseconds. */
export function readDuration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unitMs = UNITS_MS[match?.[2] ?? ''];
  if (match === null || unitMs === undefined || Number(match[1]) === 0)
    throw wrong(text, 'NUMBER followed by s, m, h or d, such as 2h');
  return Number(match[1]) * unitMs;
}

export function readNodeUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError(`'${text}' is not a URL of a node, such as http://127.0.0.1:7400.`);
  }
  return url.href;
}
