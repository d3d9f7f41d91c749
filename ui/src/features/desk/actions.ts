import type { WordKey } from '../../words';
import { NOTE_TYPES, type NoteCode } from '../notes/types';
import { SECTIONS } from '../chart/sections';

/** Everything a key or the palette can do on the desk; words are `action.<id>`. */
export interface ActionSpec {
  id: string;
  words: WordKey;
  keys: readonly string[];
  /** Only with a chart in front. */
  chart: boolean;
  /** Shown in the palette. */
  listed: boolean;
  /** Begins a note of this kind: only for who may. */
  note: NoteCode | undefined;
}

const action = (id: string, keys: readonly string[], options: { chart?: boolean; listed?: boolean; note?: NoteCode } = {}): ActionSpec => ({
  id,
  words: `action.${id}` as WordKey,
  keys,
  chart: options.chart ?? false,
  listed: options.listed ?? true,
  note: options.note,
});

export const ACTIONS: readonly ActionSpec[] = [
  action('palette', ['$mod+k'], { listed: false }),
  action('search', ['$mod+f', '/']),
  action('schedule', ['g s']),
  action('note_new', ['Alt+n'], { chart: true }),
  ...NOTE_TYPES.map(({ code }) => action(`note_new_${code}`, [], { chart: true, note: code })),
  ...SECTIONS.map(({ id, key }) => action(`section_${id}`, [`g ${key}`], { chart: true })),
  action('pin', [], { chart: true }),
  action('reread', [], { chart: true }),
  action('tab_close', ['$mod+w'], { chart: true }),
  action('sync_now', []),
  action('outbox', ['g o']),
  action('audit', []),
  action('review', ['g y']),
  action('workstation', ['g w']),
  action('about', []),
  action('rail', ['$mod+b']),
  action('theme', []),
  action('single_keys', []),
  action('keys', ['?']),
  action('join', []),
  action('change_passphrase', []),
  action('security_keys', []),
  action('lock', ['$mod+l']),
];
