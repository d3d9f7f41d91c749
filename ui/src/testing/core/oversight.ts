import type { AuditQuery } from '../../platform/bindings/AuditQuery';
import type { AuditRow } from '../../platform/bindings/AuditRow';
import type { ReviewRow } from '../../platform/bindings/ReviewRow';
import { PEOPLE } from '../patients';
import type { Core, Handlers } from './core';

/** The audit chain, and the review of emergency accesses. */
export function oversight(core: Core) {
  const reviews = reviewRows(core.now);
  const review = (task: string, version: string) => {
    const row = reviews.find((one) => one.task === task) ?? core.fail('review_changed');
    return row.version === version ? row : core.fail('review_changed');
  };
  return {
    audit_recent: ({ query }) => audited(core.now, query),
    audit_replay: ({ query }) => audited(core.now, query).reverse(),
    audit_verify: () => ({ entries: 48_211, intact: true, fault: null }),
    audit_state: ({ sequence }) => ({
      sequence,
      before: { standing: 'open', kind: 'draft', text: '{"text":"Chest pain.","caret":11,"dose":1.10}' },
      after: { standing: 'open', kind: 'draft', text: '{"text":"Chest pain, resolved.","caret":11,"dose":1.1}' },
    }),
    audit_status: () => ({ countersigned: { sequence: 48_190, at: new Date(core.now - 9 * 60_000).toISOString() }, quarantine: core.sync.quarantine, trouble: null }),
    clear_quarantine: () => {
      core.setSync({ quarantine: null });
      return { countersigned: { sequence: 48_211, at: new Date(core.now).toISOString() }, quarantine: null, trouble: null };
    },
    own_emergencies: () =>
      [...core.emergencies].map(([patient, { reason, until, number }]) => ({
        patient,
        name: core.person(patient).name,
        reason,
        number,
        began: new Date(until - 3_600_000).toISOString(),
        ended: null,
        reported: false,
      })),
    review_queue: ({ query }) => ({ rows: reviews.filter(({ state }) => query.closed || state !== 'closed'), unreadable: 0, next: null }),
    judge_review: ({ request }) => {
      if (request.note.trim() === '') core.fail('invalid_request');
      const row = review(request.task, request.version);
      return Object.assign(row, { state: 'judged', version: `${row.version}+`, judgement: request.judgement, note: request.note, judged_by: core.user.name });
    },
    close_review: ({ task, version }) => {
      const row = review(task, version);
      if (row.state !== 'judged') core.fail('review_changed');
      return Object.assign(row, { state: 'closed', version: `${row.version}+` });
    },
    break_glass_statistics: ({ days }) => ({
      days,
      uses: [
        { user: 'u-diallo', name: 'Dr Amara Diallo', uses: days / 10, unnumbered: 1, doubtful: 0, inappropriate: 0, waiting: 1 },
        { user: 'u-pereira', name: 'Joana Pereira da Conceição Albuquerque', uses: 1, unnumbered: 0, doubtful: 1, inappropriate: 1, waiting: 0 },
      ],
      incomplete: false,
      openings: {
        all: { user: '', name: '', ordinary: 396, emergency: 4, percent: 1 },
        by: [
          { user: 'u-diallo', name: 'Dr Amara Diallo', ordinary: 197, emergency: 3, percent: 1.5 },
          { user: 'u-pereira', name: '', ordinary: 199, emergency: 1, percent: 0.5 },
        ],
        unreadable: false,
      },
      unreported: 1,
    }),
  } satisfies Partial<Handlers>;
}

function reviewRows(now: number): ReviewRow[] {
  const row = (task: string, minutes: number, rest: Partial<ReviewRow>): ReviewRow => ({
    task,
    version: '1',
    state: 'waiting',
    user: 'u-diallo',
    user_name: 'Dr Amara Diallo',
    patient: 'p-restricted',
    patient_name: null,
    reason: 'ETREAT',
    text: 'Unconscious in the waiting room, no relatives present.',
    began: new Date(now - minutes * 60_000).toISOString(),
    ended: null,
    workstation: 'ward-7-desk-2',
    number: '1042',
    worth: 'good',
    judgement: null,
    note: null,
    judged_by: null,
    ...rest,
  });
  return [
    row('t-1', 20, {}),
    row('t-2', 90, { number: null, worth: 'unnumbered', reason: 'BTG', text: 'Found on the floor.', ended: new Date(now - 40 * 60_000).toISOString() }),
    row('t-3', 3000, { state: 'closed', judgement: 'appropriate', note: 'On call that night.', judged_by: 'Miriam Adler' }),
  ];
}

function audited(now: number, { patient, user, action, unsuccessful, limit }: AuditQuery): AuditRow[] {
  return audit(now)
    .filter((row) => patient === null || row.patient === patient)
    .filter((row) => user === null || row.who === user)
    .filter((row) => action === null || row.action === action)
    .filter((row) => !unsuccessful || row.outcome !== 'allowed')
    .slice(0, limit);
}

function audit(now: number): AuditRow[] {
  const actions = ['read_chart', 'search', 'sign_note', 'unlock', 'unlock_failed', 'break_glass', 'write_draft', 'lock'];
  return Array.from({ length: 400 }, (_, i) => ({
    sequence: 48_211 - i,
    at: new Date(now - i * 97_000).toISOString(),
    who: i % 3 === 0 ? 'Joana Pereira da Conceição Albuquerque' : 'Dr Amara Diallo',
    role: i % 3 === 0 ? 'nurse' : 'physician',
    action: actions[i % actions.length] ?? '',
    outcome: i % 8 === 4 ? 'failed' : i % 29 === 7 ? 'refused' : 'allowed',
    patient: i % 8 === 0 || i % 8 === 5 ? (PEOPLE[i % PEOPLE.length]?.id ?? null) : null,
    purpose: i % 8 === 5 ? 'ETREAT' : null,
    detail: i % 8 === 1 ? 'results 12' : null,
    kept: i % 8 === 2 || i % 8 === 6,
  }));
}
