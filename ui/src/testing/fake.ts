/** A core without a core: the same commands and events over invented data, for `npm run dev` and the tests. Never in the product. */
import { NOTE_TYPES } from '../features/notes/types';
import type { AuditQuery } from '../platform/bindings/AuditQuery';
import type { AuditRow } from '../platform/bindings/AuditRow';
import type { ClinicianView } from '../platform/bindings/ClinicianView';
import type { DocumentRow } from '../platform/bindings/DocumentRow';
import type { DraftView } from '../platform/bindings/DraftView';
import type { EnrolledUser } from '../platform/bindings/EnrolledUser';
import type { KeyStatusView } from '../platform/bindings/KeyStatusView';
import type { LockReason } from '../platform/bindings/LockReason';
import type { OutboxRow } from '../platform/bindings/OutboxRow';
import type { ReviewRow } from '../platform/bindings/ReviewRow';
import type { RotationView } from '../platform/bindings/RotationView';
import type { ScheduleRow } from '../platform/bindings/ScheduleRow';
import type { SecurityKeyStep } from '../platform/bindings/SecurityKeyStep';
import type { SecurityKeyView } from '../platform/bindings/SecurityKeyView';
import type { SettingsView } from '../platform/bindings/SettingsView';
import type { StatementLine } from '../platform/bindings/StatementLine';
import type { SignedInView } from '../platform/bindings/SignedInView';
import type { Stage } from '../platform/bindings/Stage';
import type { SyncView } from '../platform/bindings/SyncView';
import type { TokenView } from '../platform/bindings/TokenView';
import type { CommandName, Commands, EventName, Events, Platform } from '../platform/commands';
import { CommandFailed, type ErrorCode } from '../platform/failure';
import { chartOf, date, NOW, source, time } from './charts';
import { PEOPLE, personOf, rowOf } from './patients';

export const PASSPHRASE = 'correct horse battery staple';

/** The PIN of the token, where one keeps the secret. */
export const PIN = '704211';
/** Of every invented security key. */
export const SECURITY_KEY_PIN = '1234';

/** What the core answers `make_recovery_key` with. */
export const RECOVERY_CODE = 'K7QM-2FXA-9TDH-W3VC-ZR58-BN4E-YG6J-1PXS-H0MQ-V7KD-T2AF-8WRC-5ZBN-E3YG';

const USERS: EnrolledUser[] = [
  { user: 'u-diallo', name: 'Dr Amara Diallo', role: 'physician', disabled: false, security_key: false },
  { user: 'u-pereira', name: 'Joana Pereira da Conceição Albuquerque', role: 'nurse', disabled: false, security_key: false },
];

/** Grants of whoever looks after workstations, beside a clinician's. */
export const KEEPER = () => [...MAY, 'devices'];

const MAY = ['patient.demographics', 'patient.problems', 'patient.allergies', 'patient.medications', 'patient.vitals', 'patient.labs', 'patient.immunizations', 'patient.encounters', 'patient.notes', 'patient.procedures', 'patient.orders', 'patient.care', 'audit.chain', 'break_glass_reviews', 'notes', ...NOTE_TYPES.map(({ right }) => right)];

/** Under a policy that asks for more than the defaults, and allows TLS 1.2. */
const SETTINGS: SettingsView = {
  standing: 'in_force',
  findings: ['allow_tls_1_2: an EHR that speaks TLS 1.2 alone is talked to'],
  min_passphrase_chars: 16,
  settings: [
    { name: 'serial', value: { kind: 'number', n: 3 }, words: '3', by: 'hospital', locked: true },
    { name: 'idle_seconds', value: { kind: 'seconds', n: 90 }, words: '90 s', by: 'option', locked: true },
    { name: 'session_cap_hours', value: { kind: 'hours', n: 12 }, words: '12 h', by: 'default', locked: false },
    { name: 'step_up', value: { kind: 'names', names: ['sign', 'break_glass'] }, words: 'sign, break_glass', by: 'hospital', locked: true },
    { name: 'min_passphrase_chars', value: { kind: 'characters', n: 16 }, words: '16 characters', by: 'hospital', locked: true },
    { name: 'rotation_days', value: { kind: 'days', classes: [['database', 180], ['audit', 365]] }, words: '', by: 'hospital', locked: true },
    { name: 'allow_tls_1_2', value: { kind: 'switch', on: true }, words: 'yes', by: 'hospital', locked: true },
    { name: 'ehr', value: { kind: 'text', text: 'https://ehr.example.org/fhir' }, words: '', by: 'option', locked: false },
    { name: 'further_root', value: { kind: 'nothing' }, words: 'none', by: 'default', locked: false },
    { name: 'of_a_later_version', value: { kind: 'nothing' }, words: 'none', by: 'default', locked: false },
  ],
};

type Handlers = { [C in CommandName]: (args: Commands[C]['args']) => Commands[C]['returns'] | Promise<Commands[C]['returns']> };

export interface Fake extends Platform {
  /** Every call so far, newest last. */
  calls: { command: CommandName; args: unknown }[];
  emit<E extends EventName>(event: E, payload: Events[E]): void;
  /** Makes the next call of a command fail. */
  failNext(command: CommandName, code: ErrorCode, retryAfterSeconds?: number): void;
  /** Makes every call of a command fail until told otherwise with `null`. */
  failAlways(command: CommandName, code: ErrorCode | null): void;
  /** Answers a command otherwise; `normal` is what would have been answered. */
  answer<C extends CommandName>(command: C, how: (normal: () => Promise<Commands[C]['returns']>) => Promise<Commands[C]['returns']>): void;
  /** Never answers this command any more. */
  stall(command: CommandName): void;
  setSync(change: Partial<SyncView>): void;
  memory: string | null;
  drafts: DraftView[];
  keys: KeyStatusView;
  settings: SettingsView;
  securityKeys: SecurityKeyView[];
  clinicians: ClinicianView[];
  /** What the core reports of a rotation, and knows when asked. */
  setRotation(rotation: RotationView | null): void;
  /** Who the next sign-in in the browser brings; else whoever is working. */
  signsIn?: SignedInView;
}

export function fakePlatform(
  at: 'first_run' | 'locked' | 'open' = 'open',
  { delay = 0, now = NOW, users = USERS, may = MAY, large = false, token = null }: { delay?: number; now?: number; users?: EnrolledUser[]; may?: string[]; large?: boolean; token?: TokenView | null } = {},
): Fake {
  const listeners = new Map<EventName, Set<(payload: never) => void>>();
  const failing = new Map<CommandName, CommandFailed>();
  const always = new Map<CommandName, CommandFailed>();
  const stalled = new Set<CommandName>();
  const otherwise = new Map<CommandName, (normal: () => Promise<unknown>) => Promise<unknown>>();
  const signed = new Map<string, DocumentRow[]>();
  const texts = new Map<string, string>();
  const opened = new Map<string, { until: number; reason: string; number: string | null }>();
  let numbers = 1;
  const pinned = new Set<string>();
  const outbox: OutboxRow[] = [];
  let stage: 'first_run' | 'locked' | 'open' = at;
  let reason: LockReason = 'start';
  let user = users[0] ?? { user: 'u', name: 'Nobody', role: 'nurse', disabled: false, security_key: false };
  let next = 1;
  let pin: string | undefined;
  let waits: { answer: (pin: string | null | undefined) => void } | undefined;
  let endSignIn: ((signedIn: boolean) => void) | undefined;

  let sync: SyncView = {
    connection: 'online',
    offline_since: null,
    running: false,
    charts_ready: 0,
    charts_total: 0,
    records_received: 0,
    tier: null,
    last_success: new Date(now - 4 * 60_000).toISOString(),
    last_error: null,
    missing: [],
    waiting: { local_only: 0, sending: 0, rejected: 0, conflict: 0, drafts: 0 },
    reviews: may.includes('audit.chain') ? 2 : null,
    quarantine: null,
  };
  const reviews = reviewRows(now);
  const review = (task: string, version: string) => {
    const row = reviews.find((one) => one.task === task) ?? fail('review_changed');
    return row.version === version ? row : fail('review_changed');
  };

  const emit = <E extends EventName>(event: E, payload: Events[E]) => {
    for (const listener of listeners.get(event) ?? []) listener(payload as never);
  };
  const setSync = (change: Partial<SyncView>) => {
    sync = { ...sync, ...change };
    emit('sync', sync);
  };
  const fail = (code: ErrorCode): never => {
    throw new CommandFailed(code, `c-${next++}`);
  };
  const deskView = () => ({
    user,
    may,
    memory: fake.memory,
    sync,
    idle_limit_seconds: 900,
    lease_until: new Date(now + 20 * 3_600_000).toISOString(),
    workstation: 'ward-7-desk-2',
    token,
  });
  const stageView = (): Stage =>
    stage === 'first_run'
      ? { stage, suggested_ehr: 'https://ehr.example.org/fhir', token }
      : stage === 'locked'
        ? { stage, users, retry_after_seconds: null, reason, ehr: 'St Elsewhere EHR', token }
        : { stage, desk: deskView() };
  const setRotation = (rotation: RotationView | null) => {
    fake.keys = rotation === null && fake.keys.rotation !== null
      ? { ...fake.keys, rotation, generation: fake.keys.generation + 1, made_at: new Date(now).toISOString() }
      : { ...fake.keys, rotation };
    emit('rotation', rotation);
  };
  /** As the core: a PIN serves once, and comes before the passphrase. */
  const takePin = () => {
    const given = pin;
    pin = undefined;
    if (token !== null && given !== PIN) fail(given === undefined ? 'pin_needed' : 'wrong_pin');
  };
  const reauthenticate = (passphrase: string) => {
    takePin();
    if (passphrase !== PASSPHRASE) fail('wrong_passphrase');
  };
  const clinician = (id: string) => {
    const found = fake.clinicians.find((one) => one.user === id) ?? fail('not_enrolled');
    return found.working ? fail('invalid_request') : found;
  };
  const keeperOnly = () => (may.includes('devices') ? undefined : fail('forbidden'));
  const person = (patient: string) => personOf(patient) ?? fail('not_found');
  const draft = (id: string) => fake.drafts.find((one) => one.draft === id) ?? fail('not_found');

  const handlers: Handlers = {
    stage: stageView,
    choose_ehr: ({ url }) =>
      url.includes('example') || url.includes('localhost')
        ? { url, name: 'St Elsewhere EHR', fhir_version: '4.0.1' }
        : fail('ehr_not_supported'),
    sign_in: () =>
      new Promise((resolve, reject) => {
        endSignIn = (done) => {
          if (done) resolve(fake.signsIn ?? { name: user.name, role: user.role, enrolled: stage !== 'first_run' });
          else reject(new CommandFailed('sign_in_cancelled'));
        };
        setTimeout(() => endSignIn?.(true), delay * 10);
      }),
    cancel_sign_in: () => {
      endSignIn?.(false);
      return null;
    },
    token_pin: ({ pin: given }) => {
      pin = given;
      return null;
    },
    enrol: ({ passphrase }) => {
      takePin();
      if (passphrase.length < 12) fail('weak_passphrase');
      stage = 'open';
      return deskView();
    },
    join: ({ passphrase }) => {
      takePin();
      if (passphrase.length < 12) fail('weak_passphrase');
      const { name, role } = fake.signsIn ?? fail('sign_in_needed');
      users.push({ user: `u-${next++}`, name, role, disabled: false, security_key: false });
      stage = 'locked';
      reason = 'asked';
      queueMicrotask(() => emit('locked', null));
      return null;
    },
    step_up: ({ passphrase }) => {
      reauthenticate(passphrase);
      return null;
    },
    change_passphrase: ({ old, new: passphrase }) => {
      reauthenticate(old);
      if (passphrase.length < 12) fail('weak_passphrase');
      return null;
    },
    unlock: async ({ user: id, passphrase }) => {
      if (users.find((one) => one.user === id)?.security_key === true) await holder('unlock', [{ label: 'Opens', value: 'The charts on this workstation' }]);
      reauthenticate(passphrase);
      user = users.find((one) => one.user === id) ?? user;
      stage = 'open';
      return deskView();
    },
    lock: () => {
      stage = 'locked';
      reason = 'asked';
      queueMicrotask(() => emit('locked', null));
      return null;
    },
    keep_memory: ({ memory }) => {
      fake.memory = memory;
      return null;
    },
    schedule_today: () => ({ day: `Sunday ${date(now)}`, rows: schedule(now), as_of: new Date(now - 4 * 60_000).toISOString(), unreadable: 0 }),
    search_patients: ({ query }) => {
      const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
      const parts = fold(query).split(/\s+/);
      const rows = PEOPLE.filter((one) => parts.every((part) => fold(`${one.name} ${one.aka ?? ''} ${one.born} ${one.number}`).includes(part)));
      return { rows: rows.map(rowOf), total: rows.length, searched: 250 };
    },
    patients_recent: () => PEOPLE.slice(0, 5).map(rowOf),
    open_chart: ({ patient }) => {
      const who = person(patient);
      const access = opened.get(patient);
      if (who.restricted === true && (access === undefined || access.until < Date.now())) fail('break_glass_required');
      const chart = chartOf(who, large);
      chart.documents = [...(signed.get(patient) ?? []), ...chart.documents];
      return {
        chart,
        drafts: fake.drafts.filter((one) => one.patient === patient),
        break_glass:
          access === undefined
            ? null
            : {
                patient,
                reason: access.reason,
                until: new Date(access.until).toISOString(),
                seconds_left: Math.round((access.until - Date.now()) / 1000),
                number: access.number,
                reported: false,
              },
        pinned: pinned.has(patient),
      };
    },
    break_glass_reasons: () => [
      { code: 'ETREAT', key: 'e' },
      { code: 'BTG', key: 'b' },
      { code: 'CAREMGT', key: 'c' },
      { code: 'PATRQT', key: 'p' },
      { code: 'DISASTER', key: 'd' },
    ],
    break_glass: ({ request }) => {
      reauthenticate(request.passphrase);
      if (request.text.trim().length < 8) fail('break_glass_reason');
      const until = Date.now() + 3_600_000;
      const number = numbers > 0 ? `10${numbers--}` : null;
      opened.set(request.patient, { until, reason: request.reason, number });
      return { patient: request.patient, reason: request.reason, until: new Date(until).toISOString(), seconds_left: 3600, number, reported: false };
    },
    end_break_glass: ({ patient }) => {
      opened.delete(patient);
      return null;
    },
    pin_patient: ({ patient, pinned: yes }) => {
      if (yes) pinned.add(patient);
      else pinned.delete(patient);
      return null;
    },
    open_document: ({ patient, id }) => {
      const row = [...(signed.get(patient) ?? []), ...chartOf(person(patient), large).documents].find((one) => one.source.id === id) ?? fail('not_found');
      const isText = row.content_type === 'text/plain';
      return {
        row,
        patient,
        text: isText ? (texts.get(id) ?? `${row.excerpt ?? ''}\n\n${PROSE}`) : null,
        not_shown: isText ? null : row.content_type === 'application/pdf' ? 'not_fetched' : 'other_type',
      };
    },
    start_note: ({ patient, noteType }) => {
      person(patient);
      const view: DraftView = {
        draft: `draft-${next++}`,
        patient,
        note_type: noteType,
        text: '',
        caret: 0,
        revision: 0,
        saved_at: new Date().toISOString(),
      };
      fake.drafts.push(view);
      return view;
    },
    save_draft: ({ request }) => {
      const view = draft(request.draft);
      if (view.patient !== request.patient) fail('wrong_patient');
      if (view.revision !== request.revision) fail('draft_conflict');
      Object.assign(view, { text: request.text, caret: request.caret, revision: view.revision + 1, saved_at: new Date().toISOString() });
      return { revision: view.revision };
    },
    discard_draft: ({ draft: id }) => {
      draft(id);
      fake.drafts = fake.drafts.filter((one) => one.draft !== id);
      return null;
    },
    sign_note: async ({ patient, draft: id, revision }) => {
      const view = draft(id);
      if (user.security_key) await holder('sign', [{ label: 'Patient', value: person(patient).name }, { label: 'Text', value: view.text }]);
      if (view.revision !== revision) fail('draft_conflict');
      if (view.text.trim() === '') fail('empty_note');
      const noteId = `note-${next++}`;
      texts.set(noteId, view.text);
      const row: DocumentRow = {
        source: source('DocumentReference', noteId, 'local_only'),
        title: 'Progress note',
        when: `${date(now)} ${time(now)}`,
        author: user.name,
        status: 'current',
        content_type: 'text/plain',
        excerpt: view.text.slice(0, 80),
        note: true,
      };
      signed.set(patient, [row, ...(signed.get(patient) ?? [])]);
      fake.drafts = fake.drafts.filter((one) => one.draft !== id);
      outbox.push({
        entry: next,
        patient,
        name: person(patient).name,
        kind: 'DocumentReference',
        id: noteId,
        state: 'local_only',
        reason: null,
        attempts: 0,
        entered_at: new Date(now).toISOString(),
      });
      setSync({ waiting: { ...sync.waiting, local_only: sync.waiting.local_only + 1 } });
      if (delay > 0) deliver(patient, row);
      return { id: noteId, patient };
    },
    sync_now: () => {
      setSync({ running: true, charts_total: 40, charts_ready: 0, tier: 'changes' });
      if (delay > 0) grow();
      return sync;
    },
    sync_status: () => sync,
    cancel_sync: () => {
      setSync({ running: false });
      return null;
    },
    outbox: () => outbox,
    unsigned_notes: () =>
      fake.drafts.map((one) => ({
        draft: one.draft,
        patient: one.patient,
        name: person(one.patient).name,
        note_type: one.note_type,
        saved_at: one.saved_at,
      })),
    retry_rejected: ({ entry }) => {
      const row = outbox.find((one) => one.entry === entry);
      if (row !== undefined) Object.assign(row, { state: 'local_only', reason: null });
      return null;
    },
    sign_in_again: () => {
      setSync({ connection: 'online' });
      return deskView();
    },
    audit_recent: ({ query }) => audited(now, query),
    audit_replay: ({ query }) => audited(now, query).reverse(),
    audit_verify: () => ({ entries: 48_211, intact: true, fault: null }),
    audit_state: ({ sequence }) => ({
      sequence,
      before: { standing: 'open', kind: 'draft', text: '{"text":"Chest pain.","caret":11,"dose":1.10}' },
      after: { standing: 'open', kind: 'draft', text: '{"text":"Chest pain, resolved.","caret":11,"dose":1.1}' },
    }),
    audit_status: () => ({ countersigned: { sequence: 48_190, at: new Date(now - 9 * 60_000).toISOString() }, quarantine: sync.quarantine, trouble: null }),
    clear_quarantine: () => {
      setSync({ quarantine: null });
      return { countersigned: { sequence: 48_211, at: new Date(now).toISOString() }, quarantine: null, trouble: null };
    },
    own_emergencies: () =>
      [...opened].map(([patient, { reason, until, number }]) => ({
        patient,
        name: person(patient).name,
        reason,
        number,
        began: new Date(until - 3_600_000).toISOString(),
        ended: null,
        reported: false,
      })),
    review_queue: ({ query }) => ({ rows: reviews.filter(({ state }) => query.closed || state !== 'closed'), unreadable: 0, next: null }),
    judge_review: ({ request }) => {
      if (request.note.trim() === '') fail('invalid_request');
      const row = review(request.task, request.version);
      return Object.assign(row, { state: 'judged', version: `${row.version}+`, judgement: request.judgement, note: request.note, judged_by: user.name });
    },
    close_review: ({ task, version }) => {
      const row = review(task, version);
      if (row.state !== 'judged') fail('review_changed');
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
    clinicians: () => {
      keeperOnly();
      return fake.clinicians;
    },
    disable_clinician: ({ passphrase, user: id }) => {
      reauthenticate(passphrase);
      clinician(id).disabled = true;
      return null;
    },
    enable_clinician: ({ passphrase, user: id }) => {
      reauthenticate(passphrase);
      clinician(id).disabled = false;
      return null;
    },
    remove_clinician: ({ passphrase, user: id, leaveWork }) => {
      reauthenticate(passphrase);
      const { unsent, unsigned } = clinician(id);
      if (unsent + unsigned > 0 && !leaveWork) fail('unsent_work');
      fake.clinicians = fake.clinicians.filter((one) => one.user !== id);
      rotate();
      return null;
    },
    key_status: () => fake.keys,
    rotate_keys: () => {
      if (fake.keys.rotation === null) takePin();
      rotate();
      return null;
    },
    pause_rotation: () => {
      if (fake.keys.rotation !== null) setRotation({ ...fake.keys.rotation, paused: true });
      return null;
    },
    make_recovery_key: ({ passphrase }) => {
      reauthenticate(passphrase);
      fake.keys = { ...fake.keys, recovery: true };
      return { code: RECOVERY_CODE };
    },
    recovery_drill: ({ code }) => {
      const written = (text: string) => text.toUpperCase().replace(/[^0-9A-Z]/g, '');
      return written(code) === written(RECOVERY_CODE) ? { of: 7, recovered: 7 } : fail('recovery_code');
    },
    erase_chart: ({ passphrase, patient }) => {
      reauthenticate(passphrase);
      person(patient);
      emit('chart-changed', { patient });
      rotate();
      return null;
    },
    erase_workstation: ({ passphrase, loseUnsent }) => {
      reauthenticate(passphrase);
      if (!loseUnsent && fake.clinicians.some(({ unsent, unsigned }) => unsent + unsigned > 0)) fail('unsent_work');
      stage = 'first_run';
      queueMicrotask(() => emit('locked', null));
      return null;
    },
    settings: () => fake.settings,
    security_keys: () => fake.securityKeys,
    enrol_security_key: async ({ passphrase, name }) => {
      reauthenticate(passphrase);
      await holder('key_operation', [{ label: 'Does', value: 'Adds a security key to unlock with' }, { label: 'Of', value: name }]);
      const id = `key-${next++}`;
      return (fake.securityKeys = [...fake.securityKeys, { id, name, enrolled_at: new Date(now).toISOString() }]);
    },
    remove_security_key: async ({ passphrase, id }) => {
      reauthenticate(passphrase);
      await holder('key_operation', [{ label: 'Does', value: 'Removes a security key from unlocking' }]);
      return (fake.securityKeys = fake.securityKeys.filter((key) => key.id !== id));
    },
    answer_security_key: ({ pin }) => {
      (waits ?? fail('invalid_request')).answer(pin);
      return null;
    },
    cancel_security_key: () => {
      waits?.answer(undefined);
      return null;
    },
    about: () => ({ version: '0.1.0', licence: 'Apache-2.0 OR MIT' }),
  };

  /** Asks for a security key as the core does: its PIN (`1234`, eight tries), then a touch, which comes by itself. */
  async function holder(act: string, lines: StatementLine[]): Promise<void> {
    const ask = (step: SecurityKeyStep) =>
      new Promise<string | null | undefined>((answer) => {
        waits = { answer };
        emit('security-key', { act, lines, step });
      });
    let wrong = false;
    try {
      for (let tries = 8; tries > 0; tries--) {
        const pin = await ask({ step: 'pin', tries_left: tries, wrong });
        if (pin === undefined) return fail(wrong ? 'security_key_wrong_pin' : 'security_key_cancelled');
        if (pin === SECURITY_KEY_PIN) {
          emit('security-key', { act, lines, step: { step: 'touch' } });
          return;
        }
        wrong = true;
      }
      return fail('security_key_pin_locked');
    } finally {
      waits = undefined;
      emit('security-key', null);
    }
  }

  /** Begins or resumes a rotation; over a slow core it goes on by itself. */
  function rotate(): void {
    setRotation({ ...(fake.keys.rotation ?? { done: 0, of: 300 }), paused: false });
    if (delay === 0) return;
    const timer = setInterval(() => {
      const { rotation } = fake.keys;
      if (rotation === null || rotation.paused) clearInterval(timer);
      else setRotation(rotation.done >= rotation.of ? null : { ...rotation, done: rotation.done + 1 });
    }, 50);
  }

  /** A signed note goes its way, as the core would report it. */
  function deliver(patient: string, row: DocumentRow): void {
    const step = (state: 'sending' | 'synced', after: number) =>
      setTimeout(() => {
        row.source = { ...row.source, state };
        const entry = outbox.find((one) => one.id === row.source.id);
        if (entry !== undefined) entry.state = state;
        if (state === 'synced') outbox.splice(outbox.findIndex((one) => one.id === row.source.id), 1);
        setSync({
          waiting: {
            ...sync.waiting,
            local_only: outbox.filter((one) => one.state === 'local_only').length,
            sending: outbox.filter((one) => one.state === 'sending').length,
          },
        });
        emit('chart-changed', { patient });
      }, after);
    step('sending', 2000);
    step('synced', 4000);
  }

  function grow(): void {
    const timer = setInterval(() => {
      if (!sync.running || sync.charts_ready >= sync.charts_total) {
        clearInterval(timer);
        setSync({ running: false, last_success: new Date().toISOString() });
        return;
      }
      setSync({ charts_ready: sync.charts_ready + 1, records_received: sync.records_received + 90 });
    }, 120);
  }

  const fake: Fake = {
    calls: [],
    memory: null,
    drafts: [],
    settings: SETTINGS,
    securityKeys: [],
    keys: {
      generation: 3,
      made_at: new Date(now - 60 * 86_400_000).toISOString(),
      due_at: new Date(now + 305 * 86_400_000).toISOString(),
      own_due_at: new Date(now + 200 * 86_400_000).toISOString(),
      device_due_at: new Date(now + 100 * 86_400_000).toISOString(),
      awaited: 0,
      rotation: null,
      recovery: false,
      locked_in_memory: true,
    },
    clinicians: users.map((one, i) => ({ ...one, working: i === 0, unsent: i, unsigned: 2 * i })),
    setRotation,
    emit,
    setSync,
    failNext: (command, code, wait) => failing.set(command, new CommandFailed(code, `c-${next++}`, wait ?? null)),
    failAlways: (command, code) => {
      if (code === null) always.delete(command);
      else always.set(command, new CommandFailed(code, `c-${next++}`));
    },
    answer: (command, how) => otherwise.set(command, how as never),
    stall: (command) => stalled.add(command),
    call: async (command, ...all: readonly unknown[]) => {
      const args = all[0] ?? {};
      fake.calls.push({ command, args });
      if (stalled.has(command)) return new Promise(() => undefined);
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      const failure = failing.get(command) ?? always.get(command);
      failing.delete(command);
      if (failure !== undefined) throw failure;
      const handler = handlers[command] as (args: unknown) => unknown;
      // A copy, as over the real IPC: nothing of the core's is shared with the page.
      const normal = async () => structuredClone(await handler(args));
      return (await (otherwise.get(command)?.(normal) ?? normal())) as never;
    },
    listen: (event, handler) => {
      const set = listeners.get(event) ?? new Set();
      set.add(handler);
      listeners.set(event, set);
      return () => set.delete(handler);
    },
  };
  return fake;
}

function schedule(now: number): ScheduleRow[] {
  const statuses = ['fulfilled', 'fulfilled', 'noshow', 'arrived', 'checked-in', 'booked', 'booked', 'cancelled', 'booked', 'booked', 'booked'];
  const reasons = ['Heart failure follow-up', 'Medication review', null, 'Shortness of breath, swollen legs since Thursday', 'Antenatal visit', 'Vaccination', 'Newborn check', 'Knee pain', 'Depression, review of therapy', 'Asthma'];
  const day = new Date(now);
  return statuses.map((status, i) => {
    const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 8, 20 + i * 25).getTime();
    const person = PEOPLE[i];
    return {
      source: source('Appointment', `app-${i}`),
      start: time(at),
      at,
      minutes: i % 4 === 3 ? 40 : 20,
      status,
      reason: reasons[i] ?? null,
      with: [i % 3 === 2 ? 'Joana Pereira da Conceição Albuquerque' : 'Dr Amara Diallo'],
      mine: i % 3 !== 2,
      patient: i === 9 || person === undefined ? null : rowOf(person),
    };
  });
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

const PROSE = `Subjective:
The patient reports breathlessness at rest since yesterday evening and slept in the armchair. No chest pain, no fever. Took the tablets as prescribed, but ate salted soup for three days.

Objective:
Blood pressure 152/88 mmHg, pulse 104/min irregular, respiratory rate 24/min, SpO2 88 % on room air. Crackles over both bases, pitting oedema to the knee. Weight 86.1 kg (81.2 kg four months ago).

Assessment:
Acute decompensation of known heart failure. Potassium 6.7 mmol/L under sacubitril/valsartan: repeat at once.

Plan:
ECG now. Calcium gluconate available. Stop potassium-sparing drugs. Furosemide intravenously, fluid balance, weight daily.`;
