/** Runs one script in one lab and returns what was seen, with everything that differs from run to run named by order. */
import assert from 'node:assert/strict';
import { must } from '../../../../src/core/primitives/assert.ts';
import type { Lab, LabReply } from './lab.ts';
import { QUIET } from './lab.ts';
import type { Script, Step } from './script.ts';

const PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

type Seen = readonly unknown[];

class Names {
  readonly #names = new Map<string, string>();
  readonly #lab: Lab;
  readonly #servers: readonly string[];

  constructor(lab: Lab, servers: readonly string[]) {
    this.#lab = lab;
    this.#servers = servers;
  }

  /** Run ids and replication ids become id1, id2 in the order of their appearance; ports become their servers. */
  of(text: string): string {
    let named = text.replace(/\b[0-9a-f]{40}\b/g, (id) => {
      if (/^0+$/.test(id)) return 'none';
      const known = this.#names.get(id) ?? `id${this.#names.size + 1}`;
      this.#names.set(id, known);
      return known;
    });
    for (const server of this.#servers)
      named = named.replaceAll(String(this.#lab.port(server)), `$${server}`);
    return named;
  }
}

function fieldsOf(reply: LabReply | undefined): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of String(reply).split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trimEnd());
  }
  return fields;
}

function seenReply(reply: LabReply, names: Names): unknown {
  if (typeof reply === 'string') return names.of(reply);
  if (reply === null || typeof reply === 'number') return reply;
  if ('error' in reply) return `!${reply.error.split(/[ :]/)[0] ?? ''}`;
  return reply.map((part) => seenReply(part, names));
}

export async function runScript(lab: Lab, { name, steps }: Script): Promise<Seen> {
  const seen: unknown[] = [];
  const servers: string[] = [];
  const kept = new Map<string, string>();
  const promised = new Map<string, () => Promise<readonly LabReply[]>>();
  const names = new Names(lab, servers);
  const withPorts = (line: string): string[] =>
    line.split(' ').map((word) => {
      const server = /^\$(\w+)$/.exec(word)?.[1];
      if (server !== undefined) return String(lab.port(server));
      return word === '""' ? '' : word;
    });
  const info = async (server: string): Promise<Map<string, string>> => {
    const [text, size] = await lab.send(server, 'onlooker', [['INFO'], ['DBSIZE']]);
    const fields = fieldsOf(text);
    fields.set('keys', typeof size === 'number' ? String(size) : 'unknown');
    return fields;
  };
  const waitFor = async (what: string, server: string, met: (fields: Map<string, string>) => boolean) => {
    for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_AGAIN_MS) {
      if (met(await info(server))) return;
      await lab.pause(LOOK_AGAIN_MS);
    }
    assert.fail(`${name}: ${server} never got to ${what}`);
  };
  const perform = async (step: Step): Promise<unknown> => {
    if ('launch' in step) {
      servers.push(step.launch);
      const config = [...QUIET, ...(step.config ?? [])].map((line) => withPorts(line).join(' '));
      return lab.launch(step.launch, config, step.withFile ?? true);
    }
    if ('kill' in step) return lab.kill(step.kill);
    if ('restart' in step) return lab.restart(step.restart);
    if ('freeze' in step) return lab.freeze(step.freeze, true);
    if ('thaw' in step) return lab.freeze(step.thaw, false);
    if ('pauseMs' in step) return lab.pause(step.pauseMs);
    if ('file' in step) {
      const lines = lab.fileLines(step.file).map((line) => names.of(line));
      for (const line of step.has ?? [])
        assert.ok(lines.includes(line), `file of ${step.file}: ${lines.join('; ')}`);
      for (const line of step.lacks ?? [])
        assert.ok(!lines.includes(line), `file of ${step.file}: ${lines.join('; ')}`);
      return [...lines].sort();
    }
    if ('send' in step) {
      const commands = step.send.map(withPorts);
      if (step.andLeave === true) return lab.sendAndLeave(step.on, commands);
      if (step.promise !== undefined) {
        promised.set(step.promise, await lab.sendAhead(step.on, step.by ?? 'main', commands));
        return undefined;
      }
      const replies = await lab.send(step.on, step.by ?? 'main', commands);
      const found = replies.map((reply) => seenReply(reply, names));
      if (step.is !== undefined) assert.deepEqual(found, step.is, `${name}: ${step.send.join('; ')}`);
      return step.compare === false ? undefined : found;
    }
    if ('collect' in step) {
      const replies = await must(promised.get(step.collect), step.collect)();
      const found = replies.map((reply) => seenReply(reply, names));
      assert.deepEqual(found, step.is, `${name}: ${step.collect}`);
      return found;
    }
    if ('until' in step) {
      const wanted = Object.entries(step.until);
      return waitFor(JSON.stringify(step.until), step.on, (fields) =>
        wanted.every(([field, value]) => fields.get(field) === value),
      );
    }
    if ('online' in step) {
      return waitFor(`${step.online} online`, step.on, (fields) => {
        const lines = [...fields].filter(
          ([field, value]) => /^slave\d+$/.test(field) && value.includes('state=online'),
        );
        return lines.length === step.online && fields.get('connected_slaves') === String(step.online);
      });
    }
    const fields = await info(step.on);
    if ('see' in step) {
      for (const [field, value] of Object.entries(step.are ?? {}))
        assert.equal(fields.get(field), value, `${name}: ${field} of ${step.on}`);
      return step.see.map((field) => [field, names.of(fields.get(field) ?? '-')]);
    }
    if ('keep' in step) {
      kept.set(step.as, fields.get(step.keep) ?? '-');
      return undefined;
    }
    const value = fields.get(step.field);
    if (step.equals !== undefined)
      assert.equal(value, kept.get(step.equals), `${name}: ${step.field} is as before`);
    if (step.differs !== undefined)
      assert.notEqual(value, kept.get(step.differs), `${name}: ${step.field} changed`);
    return undefined;
  };
  for (const step of steps) {
    const result = await perform(step);
    if (result !== undefined) seen.push({ step, result });
  }
  return seen;
}
