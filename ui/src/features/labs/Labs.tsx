import { type RefObject, useState } from 'react';
import type { Series } from '../../platform/bindings/Series';
import { Button } from '../../shared/Button';
import { t } from '../../words';
import { Section } from '../chart/Section';
import { isAbnormal } from '../trends/Flag';
import { SeriesRows } from '../trends/SeriesRows';

/** Laboratory, by name; "abnormal" narrows to tests whose latest value lies outside its range. */
export function Labs({ series, scroller }: { series: readonly Series[]; scroller: RefObject<HTMLElement | null> }) {
  const [narrow, setNarrow] = useState(false);
  const abnormal = series.filter((one) => isAbnormal(one.points.at(-1)?.abnormal ?? 'unknown'));
  return (
    <Section
      id="labs"
      count={series.length}
      note={t('labs.abnormal', { n: abnormal.length })}
      actions={
        series.length === 0 ? null : (
          <Button kind="quiet" aria-pressed={narrow} onPress={() => setNarrow(!narrow)} testId="labs-abnormal">
            {narrow ? t('labs.show_all', { n: series.length }) : t('labs.show_abnormal', { n: abnormal.length })}
          </Button>
        )
      }
    >
      {series.length === 0 ? undefined : narrow && abnormal.length === 0 ? (
        <p className="section-none soft">{t('labs.none_abnormal')}</p>
      ) : (
        <SeriesRows label={t('section.labs')} kind="lab" series={narrow ? abnormal : series} scroller={scroller} />
      )}
    </Section>
  );
}
