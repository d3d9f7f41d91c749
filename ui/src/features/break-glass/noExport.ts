import type { DragEvent, ClipboardEvent } from 'react';

/** Emergency access shows and does not export: nothing of the chart is copied, dragged out or printed. What is being written is one's own. */
const stop = (event: ClipboardEvent | DragEvent) => {
  if (!(event.target instanceof HTMLElement && event.target.matches('input, textarea'))) event.preventDefault();
};

export const NO_EXPORT = { 'data-emergency': true, onCopy: stop, onCut: stop, onDragStart: stop } as const;
