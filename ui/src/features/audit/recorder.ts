/** What a replay of the audit trail shows at each entry: where on the line of time, for how long, and how things stood. */
import type { AuditRow } from '../../platform/bindings/AuditRow';

/** A silence counts for at most this much on the line of time: nights and weekends are not looked at. */
const LONGEST_GAP_MS = 60_000;
/** An entry stays on screen at least and at most so long while the replay runs. */
const SHORTEST_STAY_MS = 250;
const LONGEST_STAY_MS = 2_000;

/** How things stood at an entry, as far as the entries replayed tell. */
export interface Scene {
  /** Whose desk was open, and since when (RFC 3339). */
  desk: { who: string; role: string; since: string } | undefined;
  /** Charts read since then, in the order of their last reading. */
  charts: readonly string[];
  /** Charts open by emergency access. */
  emergencies: readonly string[];
}

/** A place between 0 and 1 for each entry: time passes as it did, but for silences. */
export function places(rows: readonly AuditRow[]): number[] {
  let at = 0;
  const sums = rows.map((row, index) => {
    const before = rows[index - 1];
    if (before !== undefined) at += Math.min(LONGEST_GAP_MS, between(before, row));
    return at;
  });
  return sums.map((sum, index) => (at === 0 ? index / Math.max(1, rows.length - 1) : sum / at));
}

/** The entry whose place is nearest to this one; of several there, the first. */
export function nearest(of: readonly number[], place: number): number {
  let found = 0;
  of.forEach((one, index) => {
    if (Math.abs(one - place) < Math.abs((of[found] ?? 0) - place)) found = index;
  });
  return found;
}

/** Milliseconds an entry is shown for before the next one, while the replay runs `speed` times as fast as it was. */
export function stay(row: AuditRow, next: AuditRow, speed: number): number {
  return Math.min(LONGEST_STAY_MS, Math.max(SHORTEST_STAY_MS, between(row, next) / speed));
}

/** How things stood once the entry at `index` was written. */
export function sceneAt(rows: readonly AuditRow[], index: number): Scene {
  let desk: Scene['desk'];
  let charts: string[] = [];
  let emergencies: string[] = [];
  for (const row of rows.slice(0, index + 1)) {
    if (row.outcome !== 'allowed') continue;
    const { action, patient } = row;
    if (action === 'lock' || action === 'start') {
      [desk, charts, emergencies] = [undefined, [], []];
    } else if (action === 'unlock' || action === 'enrol') {
      [desk, charts, emergencies] = [{ who: row.who, role: row.role, since: row.at }, [], []];
    } else if (patient !== null && action === 'read_chart') {
      charts = [...charts.filter((one) => one !== patient), patient];
    } else if (patient !== null && action === 'break_glass') {
      emergencies = [...emergencies.filter((one) => one !== patient), patient];
    } else if (patient !== null && action === 'end_break_glass') {
      emergencies = emergencies.filter((one) => one !== patient);
    }
  }
  return { desk, charts, emergencies };
}

/** Clocks are set back, and an unreadable entry has no time: no time passes then. */
function between(row: AuditRow, next: AuditRow): number {
  const span = new Date(next.at).getTime() - new Date(row.at).getTime();
  return Number.isNaN(span) ? 0 : Math.max(0, span);
}
