import type { ReactNode } from 'react';
import { t } from '../../words';
import { useMay } from '../desk/may';
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

/** Nothing recorded, nothing known yet, or not for this role: never one for the other. */
export function None({ id }: { id: SectionId }) {
  const complete = useComplete();
  const may = useMay();
  const words = !may.read(id) ? 'section.not_yours' : complete ? 'section.none' : 'section.not_known';
  return t(words, { what: t(`section.${id}`) });
}
