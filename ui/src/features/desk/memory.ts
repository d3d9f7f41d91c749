/**
 * What comes back after a lock: tabs, sections, scroll, carets. The core keeps it sealed and opaque (`keep_memory`); nothing is
 * stored by the page. What does not read as written here is dropped, never guessed.
 */
import type { Platform } from '../../platform/commands';
import { EMPTY, type Page, type Tab, type Theme, type Workspace } from './workspace';

/** Where in a chart the reader was: a section, and pixels below its top. */
export interface Place {
  section: string;
  offset: number;
}

/** Selection and scroll of a draft's editor, in UTF-16 units and pixels. */
export interface Caret {
  start: number;
  end: number;
  scroll: number;
}

export interface Remembered {
  workspace: Workspace;
  places: Map<string, Place>;
  carets: Map<string, Caret>;
}

/** The core takes 64 KiB at most. */
const LIMIT = 64 * 1024;
/** A change waits this long for company, however many follow: a hand that never rests is remembered too. */
const WITHIN_MS = 500;

/** Keeps the memory up to date in the core: each change is handed over within half a second, one hand-over at a time. */
export class Memory {
  readonly places: Map<string, Place>;
  readonly carets: Map<string, Caret>;
  #workspace: Workspace;
  #kept = '';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #handing: Promise<void> = Promise.resolve();
  readonly #platform: Platform;

  constructor(platform: Platform, remembered: Remembered) {
    this.#platform = platform;
    this.#workspace = remembered.workspace;
    this.places = remembered.places;
    this.carets = remembered.carets;
  }

  workspaceIs(workspace: Workspace): void {
    this.#workspace = workspace;
    this.touch();
  }

  touch(): void {
    this.#timer ??= setTimeout(() => void this.flush(), WITHIN_MS);
  }

  /** Hands the memory to the core now. A failure costs convenience, not content, and the next change tries again. */
  flush(): Promise<void> {
    this.stop();
    // INVARIANT: hand-overs arrive in the order they were made, so that the last one stands.
    this.#handing = this.#handing.then(() => this.#hand());
    return this.#handing;
  }

  /** No more hand-overs: the desk is gone. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #hand(): Promise<void> {
    const memory = write({ workspace: this.#workspace, places: this.places, carets: this.carets });
    if (memory === this.#kept) return;
    try {
      await this.#platform.call('keep_memory', { memory });
      this.#kept = memory;
    } catch {
      this.#kept = '';
    }
  }
}

export function write({ workspace, places, carets }: Remembered): string {
  const open = new Set(workspace.tabs.map((tab) => tab.patient));
  const whole = {
    v: 1,
    ...workspace,
    places: Object.fromEntries([...places].filter(([patient]) => open.has(patient))),
    carets: Object.fromEntries(carets),
  };
  const text = JSON.stringify(whole);
  const tooLong = new TextEncoder().encode(text).length > LIMIT;
  return tooLong ? JSON.stringify({ v: 1, ...workspace, tabs: workspace.tabs.slice(-50), places: {}, carets: {} }) : text;
}

export function read(memory: string | null): Remembered {
  const found = parse(memory);
  const tabs = listOf(found['tabs']).map(tabFrom).filter((tab) => tab !== undefined);
  const front = found['front'];
  return {
    workspace: {
      tabs,
      front: tabs.some((tab) => tab.patient === front) ? (front as string) : (tabs[0]?.patient ?? null),
      page: oneOf<Page>(found['page'], ['chart', 'outbox', 'audit', 'review', 'workstation', 'about'], EMPTY.page),
      theme: oneOf<Theme>(found['theme'], ['system', 'light', 'dark'], EMPTY.theme),
      singleKeys: found['singleKeys'] !== false,
      rail: found['rail'] !== false,
    },
    places: mapOf(found['places'], (place) =>
      typeof place['section'] === 'string' && isCount(place['offset'])
        ? { section: place['section'], offset: place['offset'] }
        : undefined,
    ),
    carets: mapOf(found['carets'], ({ start, end, scroll }) =>
      isCount(start) && isCount(end) && isCount(scroll) ? { start, end, scroll } : undefined,
    ),
  };
}

type Found = Record<string, unknown>;

function parse(memory: string | null): Found {
  if (memory === null) return {};
  try {
    const found: unknown = JSON.parse(memory);
    return isObject(found) && found['v'] === 1 ? found : {};
  } catch {
    return {};
  }
}

function tabFrom(found: unknown): Tab | undefined {
  if (!isObject(found)) return undefined;
  const { patient, name, hue, draft } = found;
  if (typeof patient !== 'string' || typeof name !== 'string' || !isCount(hue) || hue < 1 || hue > 8) return undefined;
  return { patient, name, hue, draft: typeof draft === 'string' ? draft : null };
}

function mapOf<T>(found: unknown, item: (found: Found) => T | undefined): Map<string, T> {
  const map = new Map<string, T>();
  if (!isObject(found)) return map;
  for (const [key, value] of Object.entries(found)) {
    const read = isObject(value) ? item(value) : undefined;
    if (read !== undefined) map.set(key, read);
  }
  return map;
}

function oneOf<T extends string>(found: unknown, known: readonly T[], otherwise: T): T {
  return known.find((one) => one === found) ?? otherwise;
}

function listOf(found: unknown): unknown[] {
  return Array.isArray(found) ? found : [];
}

function isObject(found: unknown): found is Found {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

function isCount(found: unknown): found is number {
  return typeof found === 'number' && Number.isFinite(found) && found >= 0;
}
