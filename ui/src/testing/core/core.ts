import { NOTE_TYPES } from '../../features/notes/types';
import type { ClinicianView } from '../../platform/bindings/ClinicianView';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import type { DraftView } from '../../platform/bindings/DraftView';
import type { EnrolledUser } from '../../platform/bindings/EnrolledUser';
import type { KeyStatusView } from '../../platform/bindings/KeyStatusView';
import type { LockReason } from '../../platform/bindings/LockReason';
import type { OutboxRow } from '../../platform/bindings/OutboxRow';
import type { RotationView } from '../../platform/bindings/RotationView';
import type { SecurityKeyView } from '../../platform/bindings/SecurityKeyView';
import type { SettingsView } from '../../platform/bindings/SettingsView';
import type { SignedInView } from '../../platform/bindings/SignedInView';
import type { Stage } from '../../platform/bindings/Stage';
import type { SyncView } from '../../platform/bindings/SyncView';
import type { TokenView } from '../../platform/bindings/TokenView';
import type { CommandName, Commands, EventName, Events } from '../../platform/commands';
import { CommandFailed, type ErrorCode } from '../../platform/failure';
import { NOW } from '../charts';
import { type Person, personOf } from '../patients';
import { SETTINGS } from './settings';

export const PASSPHRASE = 'correct horse battery staple';

/** The PIN of the token, where one keeps the secret. */
export const PIN = '704211';

const USERS: EnrolledUser[] = [
  { user: 'u-diallo', name: 'Dr Amara Diallo', role: 'physician', disabled: false, security_key: false },
  { user: 'u-pereira', name: 'Joana Pereira da Conceição Albuquerque', role: 'nurse', disabled: false, security_key: false },
];

const MAY = ['patient.demographics', 'patient.problems', 'patient.allergies', 'patient.medications', 'patient.vitals', 'patient.labs', 'patient.immunizations', 'patient.encounters', 'patient.notes', 'patient.procedures', 'patient.orders', 'patient.care', 'audit.chain', 'break_glass_reviews', 'notes', ...NOTE_TYPES.map(({ right }) => right)];

/** Grants of whoever looks after workstations, beside a clinician's. */
export const KEEPER = () => [...MAY, 'devices'];

/** What answers the commands; each room has its own. */
export type Handlers = { [C in CommandName]: (args: Commands[C]['args']) => Commands[C]['returns'] | Promise<Commands[C]['returns']> };

export interface Options {
  /** Milliseconds before any answer; with one, slow work goes on by itself. */
  delay?: number;
  now?: number;
  users?: EnrolledUser[];
  may?: string[];
  large?: boolean;
  token?: TokenView | null;
}

/** What more than one room of the invented core knows. */
export class Core {
  readonly delay: number;
  readonly now: number;
  readonly users: EnrolledUser[];
  readonly may: string[];
  readonly large: boolean;
  readonly token: TokenView | null;

  stage: 'first_run' | 'locked' | 'open';
  reason: LockReason = 'start';
  user: EnrolledUser;
  memory: string | null = null;
  /** Who the next sign-in in the browser brings; else whoever is working. */
  signsIn?: SignedInView;
  sync: SyncView;
  drafts: DraftView[] = [];
  /** Signed here, by patient; their texts by id. */
  readonly signed = new Map<string, DocumentRow[]>();
  readonly texts = new Map<string, string>();
  readonly outbox: OutboxRow[] = [];
  /** Emergency accesses that stand, by patient. */
  readonly emergencies = new Map<string, { until: number; reason: string; number: string | null }>();
  keys: KeyStatusView;
  settings: SettingsView = SETTINGS;
  securityKeys: SecurityKeyView[] = [];
  clinicians: ClinicianView[];
  /** The token's, for the next proof. */
  pin: string | undefined;
  /** Whoever is asked for a security key; no answer is the way out. */
  waits: { answer: (pin: string | null | undefined) => void } | undefined;
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>();
  #next = 1;

  constructor(at: 'first_run' | 'locked' | 'open', { delay = 0, now = NOW, users = USERS, may = MAY, large = false, token = null }: Options) {
    this.delay = delay;
    this.now = now;
    this.users = [...users];
    this.may = may;
    this.large = large;
    this.token = token;
    this.stage = at;
    this.user = users[0] ?? { user: 'u', name: 'Nobody', role: 'nurse', disabled: false, security_key: false };
    this.sync = {
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
    this.keys = {
      generation: 3,
      made_at: new Date(now - 60 * 86_400_000).toISOString(),
      due_at: new Date(now + 305 * 86_400_000).toISOString(),
      own_due_at: new Date(now + 200 * 86_400_000).toISOString(),
      device_due_at: new Date(now + 100 * 86_400_000).toISOString(),
      awaited: 0,
      rotation: null,
      recovery: false,
      locked_in_memory: true,
    };
    this.clinicians = users.map((one, i) => ({ ...one, working: i === 0, unsent: i, unsigned: 2 * i }));
  }

  /** The next number of any id. */
  next(): number {
    return this.#next++;
  }

  fail(code: ErrorCode): never {
    throw new CommandFailed(code, `c-${this.next()}`);
  }

  emit<E extends EventName>(event: E, payload: Events[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(payload as never);
  }

  listen<E extends EventName>(event: E, handler: (payload: Events[E]) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    set.add(handler);
    this.#listeners.set(event, set);
    return () => set.delete(handler);
  }

  setSync(change: Partial<SyncView>): void {
    this.sync = { ...this.sync, ...change };
    this.emit('sync', this.sync);
  }

  /** What is reported of a rotation, and known when asked. */
  setRotation(rotation: RotationView | null): void {
    const ended = rotation === null && this.keys.rotation !== null;
    const renewed = ended ? { generation: this.keys.generation + 1, made_at: new Date(this.now).toISOString() } : {};
    this.keys = { ...this.keys, rotation, ...renewed };
    this.emit('rotation', rotation);
  }

  /** Leaves the desk for the lock screen or the first run. */
  leave(stage: 'locked' | 'first_run'): void {
    this.stage = stage;
    this.reason = 'asked';
    queueMicrotask(() => this.emit('locked', null));
  }

  /** As the core: a PIN serves once, and comes before the passphrase. */
  takePin(): void {
    const given = this.pin;
    this.pin = undefined;
    if (this.token !== null && given !== PIN) this.fail(given === undefined ? 'pin_needed' : 'wrong_pin');
  }

  reauthenticate(passphrase: string): void {
    this.takePin();
    if (passphrase !== PASSPHRASE) this.fail('wrong_passphrase');
  }

  /** Whether the hospital's policy names this in a setting. */
  asks(setting: string, what: string): boolean {
    return this.settings.settings.some(({ name, value }) => name === setting && value.kind === 'names' && value.names.includes(what));
  }

  person(patient: string): Person {
    return personOf(patient) ?? this.fail('not_found');
  }

  desk(): DeskView {
    return {
      user: this.user,
      may: this.may,
      memory: this.memory,
      sync: this.sync,
      idle_limit_seconds: 900,
      lease_until: new Date(this.now + 20 * 3_600_000).toISOString(),
      workstation: 'ward-7-desk-2',
      token: this.token,
    };
  }

  view(): Stage {
    switch (this.stage) {
      case 'first_run':
        return { stage: 'first_run', suggested_ehr: 'https://ehr.example.org/fhir', token: this.token };
      case 'locked':
        return { stage: 'locked', users: this.users, retry_after_seconds: null, reason: this.reason, ehr: 'St Elsewhere EHR', token: this.token };
      case 'open':
        return { stage: 'open', desk: this.desk() };
    }
  }
}
