import type { ReactNode } from 'react';
import { t } from '../../words';
import { useComplete } from './completeness';
import type { SectionId } from './sections';

/** A section of the chart. An empty one says what was not found, never nothing. */
export function Section({
  id,
  count,
  note,
  actions,
  children,
}: {
  id: SectionId;
  /** How many records; zero says so in words. */
  count: number;
  note?: string;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <section className="section" data-section={id} data-testid={`section-${id}`} aria-labelledby={`heading-${id}`}>
      <header className="section-head">
        <h2 id={`heading-${id}`} tabIndex={-1}>
          {t(`section.${id}`)} <span className="section-count">{count > 0 ? count : ''}</span>
        </h2>
        {note === undefined || count === 0 ? null : <span className="soft">{note}</span>}
        <span className="grow" />
        {actions}
      </header>
      {count === 0 && children === undefined ? (
        <p className="section-none soft">
          <None id={id} />
        </p>
      ) : (
        children
      )}
    </section>
  );
}

/** Nothing recorded, or nothing known yet: never one for the other. */
export function None({ id }: { id: SectionId }) {
  const complete = useComplete();
  return t(complete ? 'section.none' : 'section.not_known', { what: t(`section.${id}`) });
}
