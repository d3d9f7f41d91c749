import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../platform/failure';
import { en } from './en';
import { t, type WordKey, wordsOf } from '.';

describe('error codes', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../crates/kernel/src/code.rs'), 'utf8');
  const listed = source.slice(source.indexOf('error_codes! {\n    ///'));
  const known = [...listed.matchAll(/^\s+\w+ = "(\w+)",$/gm)].map(([, code]) => code);

  it('are the same as in the core', () => {
    expect(known.length).toBeGreaterThan(20);
    expect([...ERROR_CODES].sort()).toEqual([...known].sort());
  });

  it.each(ERROR_CODES)('%s says what happened, what is safe, what to do', (code) => {
    for (const part of ['what', 'safe', 'do']) {
      expect(en).toHaveProperty([`error.${code}.${part}`]);
      expect(t(`error.${code}.${part}` as WordKey).length).toBeGreaterThan(10);
    }
  });

  it('tell the three keyring troubles apart, and each says that nothing is lost or made anew', () => {
    const safe = (['keyring_absent', 'keyring_locked', 'keyring_emptied'] as const).map((code) => t(`error.${code}.safe`));
    expect(new Set(safe).size).toBe(3);
    for (const words of safe) expect(words).toMatch(/deleted.*anew/);
  });
});

describe('messages', () => {
  const keys = Object.keys(en) as WordKey[];

  it.each(keys)('%s is well formed', (key) => {
    const names = [...en[key].matchAll(/\{(\w+)/g)].map(([, name]) => name ?? '');
    const said = t(key, Object.fromEntries(names.map((name) => [name, 2])));
    expect(said).not.toBe('');
    expect(said).not.toMatch(/[{}]/);
  });

  it('are all used', () => {
    const source = sources(join(import.meta.dirname, '..')).join('\n');
    const families = [...source.matchAll(/(?:wordsOf\('|`)([a-z_]+(?:\.[a-z_]+)*)(?:'|\.\$\{|_\$\{|\$\{)/g)].map(([, family]) => family ?? '');
    const built = ['error', 'action', 'keys', 'desk.hint', 'theme', 'first_run.strength', ...families];
    const unused = keys.filter(
      (key) => !source.includes(`'${key}'`) && !built.some((family) => key.startsWith(`${family}.`) || key.startsWith(`${family}_`)),
    );
    expect(unused).toEqual([]);
  });

  it('count', () => {
    expect(t('time.minutes', { n: 1 })).toBe('1 minute ago');
    expect(t('time.minutes', { n: 3 })).toBe('3 minutes ago');
  });

  it('leave a code without words as it is', () => {
    expect(wordsOf('status', 'never-heard-of')).toBe('never-heard-of');
    expect(wordsOf('status', 'active')).toBe('Active');
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['words', 'testing', 'bindings'].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [readFileSync(path, 'utf8')] : [];
  });
}
