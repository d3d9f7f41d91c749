import { type ReactNode, useId } from 'react';

/** A part of the page with its heading. */
export function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  const heading = useId();
  return (
    <section className="workstation-part" aria-labelledby={heading} data-testid={`workstation-${id}`}>
      <h2 id={heading}>{title}</h2>
      {children}
    </section>
  );
}
