import type { ChartView } from '../../platform/bindings/ChartView';
import { t, wordsOf } from '../../words';

/** What this chart does not show, said before anything it shows. */
export function ChartWarnings({ chart }: { chart: ChartView }) {
  const { incomplete, withheld, unreadable } = chart;
  if (!incomplete && withheld === 0 && unreadable.length === 0) return null;
  return (
    <div className="chart-warnings">
      {incomplete ? (
        <p className="notice" data-tone="warn" data-testid="chart-incomplete" role="status">
          <span className="notice-title">⚠ {t('chart.incomplete')}</span>
          <span>{t('chart.incomplete.detail')}</span>
        </p>
      ) : null}
      {unreadable.length > 0 ? (
        <details className="notice" open={unreadable.length <= 3} data-tone="danger" data-testid="chart-unreadable">
          <summary className="notice-title">⚠ {t('chart.unreadable', { n: unreadable.length })}</summary>
          <ul>
            {unreadable.map(({ kind, id, why }, index) => (
              <li key={`${kind}/${id ?? index}`}>
                <span dir="ltr">
                  {kind}
                  {id === null ? '' : `/${id}`}
                </span>
                {' · '}
                {wordsOf('chart.unreadable', why)}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      {withheld > 0 ? (
        <p className="notice" data-tone="info" data-testid="chart-withheld">
          <span>{t('chart.withheld', { n: withheld })}</span>
        </p>
      ) : null}
    </div>
  );
}
