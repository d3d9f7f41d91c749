import type { OpenedChart } from '../../platform/bindings/OpenedChart';
import type { Platform } from '../../platform/commands';
import { CommandFailed, failureFrom } from '../../platform/failure';

/** What the page knows of one chart. */
export interface ChartState {
  opened: OpenedChart | undefined;
  failure: CommandFailed | undefined;
  pending: boolean;
}

const UNKNOWN: ChartState = { opened: undefined, failure: undefined, pending: false };

/** The charts that are open, each read once and again after it changed. Every read is the core's decision and leaves its audit entry. */
export class Charts {
  readonly #platform: Platform;
  readonly #states = new Map<string, ChartState>();
  readonly #stale = new Set<string>();
  readonly #asked = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  readonly #arrived: (opened: OpenedChart) => void;

  constructor(platform: Platform, arrived: (opened: OpenedChart) => void) {
    this.#platform = platform;
    this.#arrived = arrived;
  }

  get(patient: string): ChartState {
    return this.#states.get(patient) ?? UNKNOWN;
  }

  /** Reads the chart unless what is known is current. */
  need(patient: string): void {
    const state = this.get(patient);
    if (state.pending || (state.opened !== undefined && !this.#stale.has(patient))) return;
    void this.read(patient);
  }

  /** Reads the chart now. The answer to an earlier question never replaces that of a later one. */
  async read(patient: string): Promise<void> {
    const turn = (this.#asked.get(patient) ?? 0) + 1;
    this.#asked.set(patient, turn);
    this.#stale.delete(patient);
    this.#set(patient, { ...this.get(patient), pending: true });
    try {
      const opened = await this.#platform.call('open_chart', { patient });
      if (this.#asked.get(patient) !== turn) return;
      // INVARIANT: a chart is shown only under the patient it was asked for.
      if (opened.chart.banner.patient !== patient) throw new CommandFailed('wrong_patient');
      this.#arrived(opened);
      this.#set(patient, { opened, failure: undefined, pending: false });
      // It changed while it was being read: what is shown is older already.
      if (this.#stale.has(patient)) await this.read(patient);
    } catch (reason) {
      if (this.#asked.get(patient) !== turn) return;
      const failure = failureFrom(reason);
      const { opened } = this.get(patient);
      this.#set(patient, { opened: mayStay(failure) ? opened : undefined, failure, pending: false });
    }
  }

  /** What is shown is older than what the core has. */
  outdated(patient: string): void {
    if (this.#states.has(patient)) this.#stale.add(patient);
  }

  drop(patient: string): void {
    this.#asked.set(patient, (this.#asked.get(patient) ?? 0) + 1);
    this.#states.delete(patient);
    this.#stale.delete(patient);
    this.#changed();
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  #set(patient: string, state: ChartState): void {
    this.#states.set(patient, state);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** Refused access takes the chart off the screen; a passing fault leaves what was read, with its age. */
function mayStay({ code }: CommandFailed): boolean {
  return !['forbidden', 'break_glass_required', 'step_up_required', 'access_suspended', 'locked', 'not_found', 'wrong_patient'].includes(code);
}
