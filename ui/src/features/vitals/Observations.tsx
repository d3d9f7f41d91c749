import type { RefObject } from 'react';
import type { Series } from '../../platform/bindings/Series';
import { t } from '../../words';
import { Section } from '../chart/Section';
import { SeriesRows } from '../trends/SeriesRows';

/** Social history, surveys and what else was observed. */
export function Observations({ series, scroller }: { series: readonly Series[]; scroller: RefObject<HTMLElement | null> }) {
  return (
    <Section id="observations" count={series.length}>
      {series.length === 0 ? undefined : (
        <SeriesRows label={t('section.observations')} kind="observation" series={series} scroller={scroller} />
      )}
    </Section>
  );
}
