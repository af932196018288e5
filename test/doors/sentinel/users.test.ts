import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { sees, UserBook } from '../../../src/doors/sentinel/users.ts';

const sha256 = createHash('sha256').update('a token').digest('hex');
const tokens = new Map([['t1', { id: 't1', sha256, role: 'operator', createdWallMs: 0 } as const]]);
const shop = { name: 'shop', password: 'secret', groups: ['orders-*'], idc: siteName('idc-a') };

describe('UserBook', () => {
  it('lets everybody look at everything where nothing is said', () => {
    const { stranger } = new UserBook([]);
    assert.ok(stranger !== null && sees(stranger, 'anything') && stranger.operator === null);
  });

  it('makes everybody log in where `default` has a password', () => {
    const book = new UserBook([{ name: 'default', password: 'x', groups: ['*'], idc: null }]);
    assert.equal(book.stranger, null);
    assert.equal(book.authenticate('default', 'y', tokens), null);
    assert.equal(book.authenticate('default', 'x', tokens)?.name, 'default');
  });

  it('shows a user its own groups only', () => {
    const user = new UserBook([shop]).authenticate('shop', 'secret', tokens);
    assert.ok(user !== null && sees(user, 'orders-a') && !sees(user, 'billing'));
    assert.equal(user.idc, 'idc-a');
  });

  it('knows neither a wrong name nor a wrong password', () => {
    const book = new UserBook([shop]);
    for (const [name, password] of [
      ['shop', 'Secret'],
      ['other', 'secret'],
      ['shop', ''],
    ] as const) {
      assert.equal(book.authenticate(name, password, tokens), null, `${name} ${password}`);
    }
  });

  it('takes an operator token as the password of who changes something', () => {
    assert.equal(new UserBook([shop]).authenticate('default', 'a token', tokens)?.operator, 't1');
    assert.equal(new UserBook([shop]).authenticate('shop', 'a token', tokens)?.operator, 't1');
    assert.equal(new UserBook([shop]).authenticate('shop', 'secret', tokens)?.operator, null);
  });
});
