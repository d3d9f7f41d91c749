import type { DraftView } from '../../platform/bindings/DraftView';
import type { NoteSigned } from '../../platform/bindings/NoteSigned';
import type { Platform } from '../../platform/commands';
import { CommandFailed } from '../../platform/failure';
import { Draft } from './draft';

/** Every draft of the open desk, by id. They outlive the editor that shows them, so that closing a tab loses no keystroke. */
export class Drafts {
  readonly #platform: Platform;
  readonly #open = new Map<string, Draft>();
  readonly #watchers = new Set<() => void>();
  #lists = new Map<string, readonly Draft[]>();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  get(id: string): Draft | undefined {
    return this.#open.get(id);
  }

  /** Drafts of one chart, oldest first; the same array until something changes. */
  of(patient: string): readonly Draft[] {
    let list = this.#lists.get(patient);
    if (list === undefined) {
      list = [...this.#open.values()].filter((draft) => draft.patient === patient);
      this.#lists.set(patient, list);
    }
    return list;
  }

  /** Takes in what the core holds. A draft already open here is ahead of the core and stays as it is. */
  adopt(views: readonly DraftView[]): void {
    for (const view of views) {
      if (!this.#open.has(view.draft)) this.#put(view);
    }
  }

  async start(patient: string, noteType: string): Promise<Draft> {
    const view = await this.#platform.call('start_note', { patient, noteType });
    if (view.patient !== patient) throw new CommandFailed('wrong_patient');
    return this.#put(view);
  }

  async discard(draft: Draft): Promise<void> {
    await this.#platform.call('discard_draft', { patient: draft.patient, draft: draft.id });
    this.#drop(draft);
  }

  /**
   * Signs exactly what is on screen: everything typed is on disk first, and the revision named is that one. The passphrase is for where
   * the hospital asks for it; a security key the core asks for by itself.
   */
  async sign(draft: Draft, passphrase: string | null = null): Promise<NoteSigned> {
    if (!(await draft.flush())) throw draft.status().failure ?? new CommandFailed('internal');
    const signed = await this.#platform.call('sign_note', {
      patient: draft.patient,
      draft: draft.id,
      revision: draft.revision,
      passphrase,
    });
    this.#drop(draft);
    return signed;
  }

  /** Where the draft was changed elsewhere: the text on screen becomes a draft of its own, the other one stays. */
  async fork(draft: Draft): Promise<Draft> {
    const copy = await this.start(draft.patient, draft.noteType);
    copy.type(draft.text, draft.caret);
    if (!(await copy.flush())) throw copy.status().failure ?? new CommandFailed('internal');
    this.#drop(draft);
    return copy;
  }

  /** True when everything typed is on disk. */
  async flush(): Promise<boolean> {
    const kept = await Promise.all([...this.#open.values()].map((draft) => draft.flush()));
    return kept.every(Boolean);
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #put(view: DraftView): Draft {
    const draft = new Draft(view, (request) => this.#platform.call('save_draft', { request }));
    this.#open.set(draft.id, draft);
    this.#changed();
    return draft;
  }

  #drop(draft: Draft): void {
    draft.close();
    this.#open.delete(draft.id);
    this.#changed();
  }

  #changed(): void {
    this.#lists = new Map();
    for (const watcher of this.#watchers) watcher();
  }
}
