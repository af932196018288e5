/** The networks that faults are tried in: what is cut is cut, what is not goes on, and nothing is left behind. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { createSites, type Host, type Sites, whyNoSites } from '../support/sites.ts';

const why = await whyNoSites();
if (why !== null) {
  // A machine that cannot do it says so; continuous integration has to be one that can.
  process.stdout.write(`LEFT OUT: networks of their own, because ${why}\n`);
  if (process.env['CI'] !== undefined) process.exitCode = 1;
}
const named = (what: string): string => (why === null ? what : `${what} (LEFT OUT, see above)`);

const PORTS = [7001, 7002] as const;
const SERVER = `for (const port of process.argv.slice(1)) require('net').createServer((socket) => {
  socket.on('error', () => {}); socket.end(socket.remoteAddress);
}).listen(Number(port), '0.0.0.0', () => console.log('listens'))`;
const CLIENT = `const [host, port] = process.argv.slice(1);
const socket = require('net').connect(Number(port), host);
const end = (code) => () => process.exit(code);
socket.on('data', end(0)).on('error', end(2)); setTimeout(end(1), 400)`;

let sites: Sites;
let a: Host;
let b: Host;

before(async () => {
  if (why !== null) return;
  sites = await createSites();
  a = await sites.host('idc-a', 'a');
  b = await sites.host('idc-b', 'b');
  await sites.host('witness', 'w');
  for (const host of [a, b]) {
    const server = host.spawn([process.execPath, '-e', SERVER, ...PORTS.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(server.stdout);
    await once(server.stdout, 'data');
  }
});
after(() => sites?.close());

/** Whether somebody on one host gets an answer from another. */
async function reaches(from: Host, to: Host, port: number = PORTS[0]): Promise<boolean> {
  const child = from.spawn([process.execPath, '-e', CLIENT, to.address, String(port)], { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

/** Whether this process does. */
const isSeen = (host: Host): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(PORTS[0], host.address);
    socket.setTimeout(400, () => done(false));
    socket.on('data', () => done(true)).on('error', () => done(false));
  });

test(named('a cut between sites stops both ways, is not in the way of the test, and heals'), async () => {
  if (why !== null) return;
  assert.ok((await reaches(a, b)) && (await reaches(b, a)));
  const cut = await sites.cut('idc-a', ['idc-b', 'witness']);
  assert.ok(!(await reaches(a, b)) && !(await reaches(b, a)));
  assert.ok((await isSeen(a)) && (await isSeen(b)));
  await cut.heal();
  assert.ok((await reaches(a, b)) && (await reaches(b, a)));
});

test(named('a cut of one port leaves the others alone'), async () => {
  if (why !== null) return;
  const cut = await sites.cut('a', 'b', { port: PORTS[0] });
  assert.ok(!(await reaches(a, b, PORTS[0])) && !(await reaches(b, a, PORTS[0])));
  assert.ok((await reaches(a, b, PORTS[1])) && (await reaches(b, a, PORTS[1])));
  await cut.heal();
});

test(named('of a cut in one direction both ends notice: answers do not arrive either'), async () => {
  if (why !== null) return;
  const cut = await sites.cut('a', 'b', { oneWay: true, port: PORTS[0] });
  // Only packets of connections to this port, and only those that leave a.
  assert.ok(!(await reaches(a, b, PORTS[0])) && !(await reaches(b, a, PORTS[0])));
  await cut.heal();
  const none = await sites.cut('a', 'b', { lossPercent: 0 });
  assert.ok((await reaches(a, b)) && (await reaches(b, a)));
  await none.heal();
});

test(named('a host is somebody else at a new address, and the former one is gone'), async () => {
  if (why !== null) return;
  const former = b.address;
  assert.ok(await reaches(a, b));
  const address = sites.freeAddress();
  await sites.moveTo('b', address);
  assert.equal(b.address, address);
  assert.ok((await reaches(a, b)) && (await isSeen(b)));
  assert.ok(!(await reaches(a, { ...b, address: former })));
});

test(named('two runs have two networks, and a closed one leaves nothing'), async () => {
  if (why !== null) return;
  const other = await createSites();
  const host = await other.host('idc-a', 'a');
  const [, , network = ''] = host.address.split('.');
  assert.notEqual(network, a.address.split('.')[2]);
  const child = host.spawn(['sleep', '60'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const own = (): string[] =>
    readdirSync('/run/netns').filter((name) => name.startsWith(`pollux${network}-`));
  assert.equal(own().length, 2);
  await other.close();
  await ended;
  assert.deepEqual(own(), []);
});
