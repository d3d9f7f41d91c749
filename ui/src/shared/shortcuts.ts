import { useEffect, useEffectEvent } from 'react';
import { tinykeys } from 'tinykeys';

/** A key binding: "$mod+k", "g p" (one after the other), "?". `$mod` is Ctrl, on a Mac Command. */
export interface Shortcut {
  keys: string;
  run: () => void;
}

/**
 * Binds shortcuts while the component is mounted. Those without Ctrl, Alt or Command are silent while someone types or a dialog
 * is open, and when `singleKeys` is off. Letters also answer by their place on the keyboard where the layout has no Latin letters.
 */
export function useShortcuts(shortcuts: readonly Shortcut[], singleKeys: boolean): void {
  const bound = shortcuts.map(({ keys }) => keys).join('\n');
  const run = useEffectEvent((index: number, event: KeyboardEvent, byPlace: boolean) => {
    const shortcut = shortcuts[index];
    if (shortcut === undefined || event.defaultPrevented) return;
    if (byPlace && /^[\x20-\x7e]$/.test(event.key)) return;
    if (dialogOpen() && !WITH_DIALOG.has(shortcut.keys)) return;
    if (isSingle(shortcut.keys) && (!singleKeys || isTyping(event.target))) return;
    event.preventDefault();
    shortcut.run();
  });

  useEffect(() => {
    const map: Record<string, (event: KeyboardEvent) => void> = {};
    bound.split('\n').forEach((keys, index) => {
      map[keys] = (event) => run(index, event, false);
      const places = placesOf(keys);
      if (places !== keys) map[places] = (event) => run(index, event, true);
    });
    return tinykeys(window, map);
  }, [bound]);
}

/** These work over an open dialog: locking never waits for one. */
const WITH_DIALOG = new Set(['$mod+l']);

function isSingle(keys: string): boolean {
  return !/\$mod|Control|Alt|Meta/.test(keys);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || (target.matches('input, textarea, select') && !target.matches('[type=checkbox], [type=radio]')))
  );
}

function dialogOpen(): boolean {
  return document.querySelector('.overlay') !== null;
}

function placesOf(keys: string): string {
  return keys.replace(/(^|[ +])([a-z])(?=$| )/g, (_, before: string, letter: string) => `${before}Key${letter.toUpperCase()}`);
}
