/** Every command and event of the core, with its types. The types are generated from the Rust views (`cargo xtask bindings`). */
import type { AboutView } from './bindings/AboutView';
import type { AuditQuery } from './bindings/AuditQuery';
import type { AuditRow } from './bindings/AuditRow';
import type { AuditStateView } from './bindings/AuditStateView';
import type { AuditStatusView } from './bindings/AuditStatusView';
import type { AuditVerified } from './bindings/AuditVerified';
import type { BreakGlassReason } from './bindings/BreakGlassReason';
import type { BreakGlassRequest } from './bindings/BreakGlassRequest';
import type { BreakGlassView } from './bindings/BreakGlassView';
import type { ClearQuarantineRequest } from './bindings/ClearQuarantineRequest';
import type { ClinicianView } from './bindings/ClinicianView';
import type { DeskView } from './bindings/DeskView';
import type { DocumentView } from './bindings/DocumentView';
import type { DraftSaved } from './bindings/DraftSaved';
import type { DraftView } from './bindings/DraftView';
import type { DrillView } from './bindings/DrillView';
import type { EhrView } from './bindings/EhrView';
import type { EmergencyStatistics } from './bindings/EmergencyStatistics';
import type { JudgeReview } from './bindings/JudgeReview';
import type { KeyStatusView } from './bindings/KeyStatusView';
import type { NoteSigned } from './bindings/NoteSigned';
import type { OpenedChart } from './bindings/OpenedChart';
import type { OutboxRow } from './bindings/OutboxRow';
import type { OwnEmergency } from './bindings/OwnEmergency';
import type { PatientRow } from './bindings/PatientRow';
import type { RecoveryCodeView } from './bindings/RecoveryCodeView';
import type { RotationView } from './bindings/RotationView';
import type { ReviewQuery } from './bindings/ReviewQuery';
import type { ReviewQueue } from './bindings/ReviewQueue';
import type { ReviewRow } from './bindings/ReviewRow';
import type { SaveDraft } from './bindings/SaveDraft';
import type { ScheduleView } from './bindings/ScheduleView';
import type { SearchView } from './bindings/SearchView';
import type { SecurityKeyPrompt } from './bindings/SecurityKeyPrompt';
import type { SecurityKeyView } from './bindings/SecurityKeyView';
import type { SettingsView } from './bindings/SettingsView';
import type { SignedInView } from './bindings/SignedInView';
import type { Stage } from './bindings/Stage';
import type { SyncView } from './bindings/SyncView';
import type { UnsignedNote } from './bindings/UnsignedNote';

/** A command without arguments. */
type Nothing = Record<string, never>;

export interface Commands {
  stage: { args: Nothing; returns: Stage };
  choose_ehr: { args: { url: string }; returns: EhrView };
  sign_in: { args: Nothing; returns: SignedInView };
  cancel_sign_in: { args: Nothing; returns: null };
  enrol: { args: { passphrase: string }; returns: DeskView };
  join: { args: { passphrase: string; own: string | null }; returns: null };
  change_passphrase: { args: { old: string; new: string }; returns: null };
  step_up: { args: { passphrase: string }; returns: null };
  token_pin: { args: { pin: string }; returns: null };
  unlock: { args: { user: string; passphrase: string }; returns: DeskView };
  lock: { args: Nothing; returns: null };
  keep_memory: { args: { memory: string }; returns: null };
  schedule_today: { args: Nothing; returns: ScheduleView };
  search_patients: { args: { query: string }; returns: SearchView };
  patients_recent: { args: Nothing; returns: PatientRow[] };
  open_chart: { args: { patient: string }; returns: OpenedChart };
  break_glass_reasons: { args: Nothing; returns: BreakGlassReason[] };
  break_glass: { args: { request: BreakGlassRequest }; returns: BreakGlassView };
  end_break_glass: { args: { patient: string }; returns: null };
  pin_patient: { args: { patient: string; pinned: boolean }; returns: null };
  open_document: { args: { patient: string; kind: string; id: string }; returns: DocumentView };
  start_note: { args: { patient: string; noteType: string }; returns: DraftView };
  save_draft: { args: { request: SaveDraft }; returns: DraftSaved };
  discard_draft: { args: { patient: string; draft: string }; returns: null };
  sign_note: { args: { patient: string; draft: string; revision: number; passphrase: string | null }; returns: NoteSigned };
  sync_now: { args: Nothing; returns: SyncView };
  sync_status: { args: Nothing; returns: SyncView };
  cancel_sync: { args: Nothing; returns: null };
  outbox: { args: Nothing; returns: OutboxRow[] };
  unsigned_notes: { args: Nothing; returns: UnsignedNote[] };
  retry_rejected: { args: { entry: number }; returns: null };
  sign_in_again: { args: Nothing; returns: DeskView };
  audit_recent: { args: { query: AuditQuery }; returns: AuditRow[] };
  audit_replay: { args: { query: AuditQuery }; returns: AuditRow[] };
  audit_verify: { args: Nothing; returns: AuditVerified };
  audit_state: { args: { sequence: number }; returns: AuditStateView };
  audit_status: { args: Nothing; returns: AuditStatusView };
  clear_quarantine: { args: { request: ClearQuarantineRequest }; returns: AuditStatusView };
  own_emergencies: { args: Nothing; returns: OwnEmergency[] };
  review_queue: { args: { query: ReviewQuery }; returns: ReviewQueue };
  judge_review: { args: { request: JudgeReview }; returns: ReviewRow };
  close_review: { args: { task: string; version: string }; returns: ReviewRow };
  break_glass_statistics: { args: { days: number }; returns: EmergencyStatistics };
  clinicians: { args: Nothing; returns: ClinicianView[] };
  disable_clinician: { args: { passphrase: string; user: string }; returns: null };
  enable_clinician: { args: { passphrase: string; user: string }; returns: null };
  remove_clinician: { args: { passphrase: string; user: string; leaveWork: boolean }; returns: null };
  key_status: { args: Nothing; returns: KeyStatusView };
  rotate_keys: { args: { passphrase: string | null }; returns: null };
  pause_rotation: { args: Nothing; returns: null };
  make_recovery_key: { args: { passphrase: string }; returns: RecoveryCodeView };
  recovery_drill: { args: { code: string }; returns: DrillView };
  erase_chart: { args: { passphrase: string; patient: string }; returns: null };
  erase_workstation: { args: { passphrase: string; loseUnsent: boolean }; returns: null };
  security_keys: { args: Nothing; returns: SecurityKeyView[] };
  enrol_security_key: { args: { passphrase: string; name: string }; returns: SecurityKeyView[] };
  remove_security_key: { args: { passphrase: string; id: string }; returns: SecurityKeyView[] };
  answer_security_key: { args: { pin: string | null }; returns: null };
  cancel_security_key: { args: Nothing; returns: null };
  about: { args: Nothing; returns: AboutView };
  settings: { args: Nothing; returns: SettingsView };
}

export type CommandName = keyof Commands;

/** The arguments of a command; commands without any take none. */
export type ArgsOf<C extends CommandName> = Commands[C]['args'] extends infer A
  ? A extends Nothing
    ? []
    : [args: A]
  : never;

export interface Events {
  sync: SyncView;
  'idle-warning': { seconds_left: number } | null;
  'chart-changed': { patient: string };
  /** How far a rotation of the keys has come; `null` once it has ended. */
  rotation: RotationView | null;
  /** What is asked of whoever holds a security key; `null` once nothing is. */
  'security-key': SecurityKeyPrompt | null;
  locked: unknown;
  'stage-changed': unknown;
}

export type EventName = keyof Events;

/** The way from the page to the core. Every rejection is a `CommandFailed`. */
export interface Platform {
  call<C extends CommandName>(command: C, ...args: ArgsOf<C>): Promise<Commands[C]['returns']>;
  /** Returns the function that stops listening. */
  listen<E extends EventName>(event: E, handler: (payload: Events[E]) => void): () => void;
}
