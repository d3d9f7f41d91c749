import { expect, it } from 'vitest';
import { ago, clockTime, dateTime, minutesSeconds, shortTime } from './time';

const local = new Date(2026, 10, 22, 14, 5, 3);
const now = local.getTime();
const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

it('shows this workstation’s clock', () => {
  expect(dateTime(local.toISOString())).toBe('22-Nov-2026 14:05');
  expect(clockTime(local.toISOString())).toBe('14:05:03');
  expect(shortTime(before(10), now)).toBe('13:55');
  expect(shortTime(before(48 * 60), now)).toBe('20-Nov-2026 14:05');
});

it('writes September with three letters', () => {
  expect(dateTime(new Date(2026, 8, 3, 9, 0).toISOString())).toBe('03-Sep-2026 09:00');
});

it('tells an age, and does not guess one from the future', () => {
  expect(ago(before(0), now)).toBe('just now');
  expect(ago(before(3), now)).toBe('3 minutes ago');
  expect(ago(before(90), now)).toBe('1 hour ago');
  expect(ago(before(3 * 1440), now)).toBe('3 days ago');
  expect(ago(before(-60), now)).toMatch(/unknown/);
});

it('shows what is no time as it is', () => {
  expect(dateTime('2026')).not.toBe('');
  expect(dateTime('soon')).toBe('soon');
  expect(ago('soon', now)).toBe('soon');
});

it('counts down', () => {
  expect(minutesSeconds(65)).toBe('1:05');
  expect(minutesSeconds(0.2)).toBe('0:01');
  expect(minutesSeconds(-3)).toBe('0:00');
});
