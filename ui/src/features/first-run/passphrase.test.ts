import { expect, it } from 'vitest';
import { strengthOf } from './passphrase';

it.each([
  ['', 'empty'],
  ['Winter2026!', 'short'],
  ['aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'short'],
  ['abcdefghijklmnopqrstuvwxyz', 'short'],
  ['121212121212121212121212', 'short'],
  ['quiet river boat', 'fair'],
  ['correct horse battery staple', 'strong'],
  ['حصان صحيح بطارية دباسة', 'strong'],
] as const)('%s is %s', (passphrase, strength) => {
  expect(strengthOf(passphrase, 12)).toBe(strength);
});

it('holds a passphrase to what is asked here', () => {
  expect(strengthOf('quiet river boat', 17)).toBe('short');
  expect(strengthOf('correct horse battery staple', 40)).toBe('short');
});
