import { type RefObject, type SyntheticEvent, useEffect, useLayoutEffect } from 'react';
import { useDesk } from '../desk/DeskContext';
import type { Caret } from '../desk/memory';
import type { Draft } from './draft';

/**
 * The note's text. A plain text area the browser owns (undo, spelling, input methods stay whole); every change goes to the draft at
 * once, and the place of the caret to the desk's memory.
 */
export function Editor({
  draft,
  sign,
  label,
  area,
}: {
  draft: Draft;
  sign: () => void;
  label: string;
  area: RefObject<HTMLTextAreaElement | null>;
}) {
  const { memory } = useDesk();

  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    const caret = memory.carets.get(draft.id) ?? { start: draft.caret, end: draft.caret, scroll: 0 };
    returnTo(element, caret);
  }, [area, draft, memory]);

  useEffect(() => () => void draft.flush(), [draft]);

  const placed = ({ currentTarget: element }: SyntheticEvent<HTMLTextAreaElement>) => {
    memory.carets.set(draft.id, {
      start: element.selectionStart,
      end: element.selectionEnd,
      scroll: Math.round(element.scrollTop),
    });
    memory.touch();
  };

  return (
    <textarea
      ref={area}
      className="note-editor"
      aria-label={label}
      data-testid="note-editor"
      defaultValue={draft.text}
      dir="auto"
      spellCheck
      autoComplete="off"
      onInput={(event) => {
        const { value, selectionStart } = event.currentTarget;
        draft.type(value, selectionStart);
        placed(event);
      }}
      onSelect={placed}
      onScroll={placed}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          sign();
        }
      }}
    />
  );
}

function returnTo(element: HTMLTextAreaElement, caret: Caret): void {
  element.focus({ preventScroll: true });
  element.setSelectionRange(caret.start, caret.end);
  element.scrollTop = caret.scroll;
}

/** Puts text at the caret as if typed, so that undo takes it back. */
export function insertText(area: HTMLTextAreaElement | null, text: string): void {
  if (area === null) return;
  area.focus();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only insertion that keeps the undo history
  if (typeof document.execCommand === 'function' && document.execCommand('insertText', false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
