/**
 * One draft and its way to disk.
 *
 * ```text
 *            type                 due                    acknowledged, nothing newer
 *   saved ─────────▶ unsaved ───────────▶ saving ───────────────────────▶ saved
 *                       ▲                  │  │ acknowledged, typed meanwhile ──▶ unsaved
 *                       └──── type/retry ──┘  └ refused ──▶ failed ──▶ (type, retry, timer) saving
 * ```
 *
 * INVARIANT: the text here is never replaced by anything that comes back from the core, and "saved" is said only when the core
 * acknowledged exactly what is on screen. One save is under way at a time; each names the revision the core last gave.
 */
import type { DraftSaved } from '../../platform/bindings/DraftSaved';
import type { DraftView } from '../../platform/bindings/DraftView';
import type { SaveDraft } from '../../platform/bindings/SaveDraft';
import { type CommandFailed, type ErrorCode, failureFrom } from '../../platform/failure';

/** A pause of typing this long saves. */
export const PAUSE_MS = 400;
/** While typing goes on, a save this long after the first keystroke it holds. */
export const LONGEST_MS = 800;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000] as const;

/** Saving again cannot help here: a person must decide. */
const FINAL: readonly ErrorCode[] = ['draft_conflict', 'wrong_patient', 'not_found', 'forbidden', 'locked'];

export interface DraftStatus {
  state: 'saved' | 'unsaved' | 'saving' | 'failed';
  /** When the core last acknowledged, RFC 3339. */
  savedAt: string;
  failure: CommandFailed | undefined;
}

export class Draft {
  readonly id: string;
  readonly patient: string;
  readonly noteType: string;
  text: string;
  caret: number;
  revision: number;

  #status: DraftStatus;
  #savedText: string;
  /** When the first keystroke came that no save holds yet. */
  #oldestUnsaved: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | undefined;
  #failures = 0;
  #closed = false;
  readonly #save: (request: SaveDraft) => Promise<DraftSaved>;
  readonly #watchers = new Set<() => void>();

  constructor(view: DraftView, save: (request: SaveDraft) => Promise<DraftSaved>) {
    this.id = view.draft;
    this.patient = view.patient;
    this.noteType = view.note_type;
    this.text = view.text;
    this.caret = view.caret;
    this.revision = view.revision;
    this.#savedText = view.text;
    this.#status = { state: 'saved', savedAt: view.saved_at, failure: undefined };
    this.#save = save;
  }

  /** Takes what is now in the editor. */
  type(text: string, caret: number): void {
    this.caret = caret;
    if (text === this.text) return;
    const now = performance.now();
    this.#oldestUnsaved ??= now;
    this.text = text;
    this.#set({ ...this.#status, state: this.#status.state === 'failed' ? 'failed' : this.#busy('unsaved') });
    if (this.#saving === undefined) this.#saveIn(Math.min(PAUSE_MS, this.#oldestUnsaved + LONGEST_MS - now));
  }

  /** Tries until everything typed so far is on disk (true), or a save failed (false). */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    while (!this.#closed) {
      if (this.#saving !== undefined) await this.#saving;
      else if (this.text === this.#savedText) return true;
      else await this.#saveNow();
      if (this.#status.state === 'failed') return false;
    }
    return true;
  }

  retry(): void {
    void this.flush();
  }

  /** Signed or discarded: nothing is saved any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  status = (): DraftStatus => this.#status;

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #saveIn(delay: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#saveNow(), Math.max(0, delay));
  }

  #saveNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#saving ??= this.#attempt().finally(() => {
      this.#saving = undefined;
      this.#after();
    });
    return this.#saving;
  }

  async #attempt(): Promise<void> {
    const sent = this.text;
    this.#oldestUnsaved = undefined;
    this.#set({ ...this.#status, state: 'saving' });
    try {
      const { revision } = await this.#save({
        patient: this.patient,
        draft: this.id,
        text: sent,
        caret: this.caret,
        revision: this.revision,
      });
      this.revision = revision;
      this.#savedText = sent;
      this.#failures = 0;
      if (this.text === sent) this.#oldestUnsaved = undefined;
      this.#set({
        state: this.text === sent ? 'saved' : 'unsaved',
        savedAt: new Date().toISOString(),
        failure: undefined,
      });
    } catch (reason) {
      this.#failures += 1;
      this.#set({ ...this.#status, state: 'failed', failure: failureFrom(reason) });
    }
  }

  #after(): void {
    if (this.text === this.#savedText && this.#status.state !== 'failed') return;
    const { failure } = this.#status;
    if (this.#status.state === 'failed') {
      if (failure !== undefined && FINAL.includes(failure.code)) return;
      this.#saveIn(RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 0);
      return;
    }
    const now = performance.now();
    this.#saveIn(Math.min(PAUSE_MS, (this.#oldestUnsaved ?? now) + LONGEST_MS - now));
  }

  #busy(otherwise: DraftStatus['state']): DraftStatus['state'] {
    return this.#saving === undefined ? otherwise : 'saving';
  }

  #set(status: DraftStatus): void {
    this.#status = status;
    for (const watcher of this.#watchers) watcher();
  }
}
