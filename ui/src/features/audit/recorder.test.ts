import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../platform/bindings/AuditRow';
import { nearest, places, sceneAt, stay } from './recorder';

const row = (seconds: number, action = 'search', more: Partial<AuditRow> = {}): AuditRow => ({
  sequence: seconds,
  at: new Date(Date.UTC(2026, 2, 1, 8, 0, seconds)).toISOString(),
  who: 'amara-okafor',
  role: 'physician',
  action,
  outcome: 'allowed',
  patient: null,
  purpose: null,
  detail: null,
  kept: false,
  ...more,
});

describe('the line of time', () => {
  it('is as long as what was done, and a night counts for a minute', () => {
    expect(places([row(0), row(30), row(60), row(60 + 8 * 3600)])).toEqual([0, 0.25, 0.5, 1]);
  });

  it('is pointed at', () => {
    expect([-1, 0.1, 0.2, 0.7, 3].map((place) => nearest([0, 0.25, 0.25, 1], place))).toEqual([0, 0, 1, 3, 3]);
  });

  it('spreads what happened at once, and stands where a clock was set back or an entry is unreadable', () => {
    expect(places([row(5), row(5), row(5)])).toEqual([0, 0.5, 1]);
    expect(places([row(0), row(10), row(4), { ...row(0), at: '' }, row(14)])).toEqual([0, 1, 1, 1, 1]);
    expect(places([row(1)])).toEqual([0]);
    expect(places([])).toEqual([]);
  });
});

it('stays long enough to be read, and no longer than one waits', () => {
  expect(stay(row(0), row(0), 1)).toBe(250);
  expect(stay(row(0), row(10), 10)).toBe(1_000);
  expect(stay(row(0), row(9_000), 10)).toBe(2_000);
});

it('knows whose desk was open, with which charts and emergencies', () => {
  const rows = [
    row(0, 'start'),
    row(1, 'unlock'),
    row(2, 'read_chart', { patient: 'a' }),
    row(3, 'read_chart', { patient: 'b' }),
    row(4, 'read_chart', { patient: 'c', outcome: 'refused' }),
    row(5, 'break_glass', { patient: 'c' }),
    row(6, 'read_chart', { patient: 'c' }),
    row(7, 'read_chart', { patient: 'a' }),
    row(8, 'end_break_glass', { patient: 'c' }),
    row(9, 'lock'),
  ];
  expect(sceneAt(rows, 0)).toEqual({ desk: undefined, charts: [], emergencies: [] });
  expect(sceneAt(rows, 4).charts).toEqual(['a', 'b']);
  expect(sceneAt(rows, 7)).toEqual({
    desk: { who: 'amara-okafor', role: 'physician', since: rows[1]?.at },
    charts: ['b', 'c', 'a'],
    emergencies: ['c'],
  });
  expect(sceneAt(rows, 8).emergencies).toEqual([]);
  expect(sceneAt(rows, 9)).toEqual({ desk: undefined, charts: [], emergencies: [] });
});
