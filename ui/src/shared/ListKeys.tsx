import type { KeyboardEvent, ReactNode } from 'react';

/** A list of buttons in which arrows, J and K, Home and End move the focus. */
export function ListKeys({ label, className, children }: { label: string; className: string; children: ReactNode }) {
  const onKeyDown = (event: KeyboardEvent<HTMLUListElement>) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.target instanceof HTMLButtonElement)) return;
    const lines = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
    const at = lines.indexOf(event.target);
    const to = { ArrowDown: at + 1, j: at + 1, ArrowUp: at - 1, k: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    lines[Math.max(0, Math.min(lines.length - 1, to))]?.focus();
  };
  return (
    <ul className={className} aria-label={label} onKeyDown={onKeyDown}>
      {children}
    </ul>
  );
}
