import type { ReactNode } from 'react';
import { t } from '../../words';
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
        {note === undefined ? null : <span className="soft">{note}</span>}
        <span className="grow" />
        {actions}
      </header>
      {count === 0 && children === undefined ? (
        <p className="section-none soft">{t('section.none', { what: t(`section.${id}`) })}</p>
      ) : (
        children
      )}
    </section>
  );
}
