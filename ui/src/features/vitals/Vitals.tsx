import type { RefObject } from 'react';
import type { Series } from '../../platform/bindings/Series';
import { t } from '../../words';
import { Section } from '../chart/Section';
import { SeriesRows } from '../trends/SeriesRows';

export function Vitals({ series, scroller }: { series: readonly Series[]; scroller: RefObject<HTMLElement | null> }) {
  return (
    <Section id="vitals" count={series.length}>
      {series.length === 0 ? undefined : (
        <SeriesRows label={t('section.vitals')} kind="vital" series={series} scroller={scroller} openFirst />
      )}
    </Section>
  );
}
