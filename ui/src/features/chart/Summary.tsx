import type { ReactNode } from 'react';
import type { ChartView } from '../../platform/bindings/ChartView';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import type { Series } from '../../platform/bindings/Series';
import { t, wordsOf } from '../../words';
import { AllergyStatement } from '../allergies/Allergies';
import { isCurrent } from '../medications/Medications';
import { Doubt, isActive } from '../problems/Problems';
import { Flag, isAbnormal, isCritical } from '../trends/Flag';
import { Spark } from '../trends/Spark';
import { useComplete } from './completeness';
import { goToSection } from './navigation';
import { NotSynced } from './RecordStateTag';
import { None } from './Section';
import type { SectionId } from './sections';

/** What someone who has one minute must see; every card goes to its whole section, and says how much it leaves out. */
export function Summary({ chart, read }: { chart: ChartView; read: (row: DocumentRow) => void }) {
  const problems = chart.problems.filter(isActive);
  const medications = chart.medications.filter(isCurrent);
  const labs = abnormalFirst(chart.labs);
  const allergies = 'items' in chart.allergies ? chart.allergies.items : [];
  const complete = useComplete();
  return (
    <section className="summary" data-section="summary" aria-labelledby="heading-summary">
      <h2 id="heading-summary" tabIndex={-1} className="visually-hidden">
        {t('section.summary')}
      </h2>
      <Card id="problems" title={t('summary.problems')} rows={problems} most={6} none={chart.problems.length > 0 && complete ? t('summary.problems.none', { all: chart.problems.length }) : <None id="problems" />}>
        {(row) => (
          <li key={row.source.id}>
            <span className="grow">
              <bdi>{row.name}</bdi> <Doubt verification={row.verification} />
            </span>
            <bdi className="soft">{row.onset}</bdi>
          </li>
        )}
      </Card>
      <Card id="medications" title={t('summary.medications')} rows={medications} most={6} none={chart.medications.length > 0 && complete ? t('summary.medications.none', { all: chart.medications.length }) : <None id="medications" />}>
        {(row) => (
          <li key={`${row.source.kind}/${row.source.id}`}>
            <span className="grow">
              <bdi>
                <strong>{row.name}</strong> <span className="soft">{row.dosage}</span>
              </bdi>
            </span>
            {row.status === 'active' ? null : <span className="tag" data-tone="warn">{wordsOf('status', row.status)}</span>}
          </li>
        )}
      </Card>
      <Card id="vitals" title={t('summary.vitals')} rows={chart.vitals} most={8} none={<None id="vitals" />}>
        {(row) => <SeriesLine key={row.code} series={row} />}
      </Card>
      <Card
        id="labs"
        title={t('summary.labs')}
        rows={labs}
        most={8}
        none={chart.labs.length === 0 || !complete ? <None id="labs" /> : t('labs.none_abnormal')}
      >
        {(row) => <SeriesLine key={row.code} series={row} />}
      </Card>
      <Card
        id="allergies"
        title={t('summary.allergies')}
        rows={allergies}
        most={5}
        head={<AllergyStatement allergies={chart.allergies} />}
        none={null}
      >
        {(row) => (
          <li key={row.source.id}>
            <span className="grow">
              <strong>{row.substance}</strong> <span className="soft">{row.reactions.join(', ')}</span>
            </span>
            {row.status === 'active' ? null : <span className="tag">{wordsOf('status', row.status)}</span>}
            {row.criticality === 'high' ? (
              <span className="tag" data-tone="danger">
                ▲ {wordsOf('criticality', 'high')}
              </span>
            ) : null}
          </li>
        )}
      </Card>
      <Card id="documents" title={t('summary.documents')} rows={chart.documents} most={5} none={<None id="documents" />}>
        {(row) => (
          <li key={`${row.source.kind}/${row.source.id}`}>
            <button type="button" className="link grow" onClick={() => read(row)}>
              {row.title}
            </button>
            <NotSynced state={row.source.state} />
            <bdi className="soft">{row.when}</bdi>
          </li>
        )}
      </Card>
    </section>
  );
}

/** A card of the summary with its first rows; the heading and the last line go to the whole section. */
function Card<T>({
  id,
  title,
  rows,
  most,
  none,
  head,
  children,
}: {
  id: SectionId;
  title: string;
  rows: readonly T[];
  most: number;
  none: ReactNode;
  head?: ReactNode;
  children: (row: T) => ReactNode;
}) {
  const rest = rows.length - most;
  return (
    <div className="summary-card" role="group" aria-label={title}>
      <h3>
        <button type="button" className="link" onClick={() => goToSection(id)}>
          {title}
        </button>
      </h3>
      {head}
      {rows.length === 0 ? none === null ? null : <p className="soft">{none}</p> : <ul>{rows.slice(0, most).map(children)}</ul>}
      {rest > 0 ? (
        <button type="button" className="link summary-more" onClick={() => goToSection(id)}>
          {t('summary.more', { n: rest })}
        </button>
      ) : null}
    </div>
  );
}

function SeriesLine({ series }: { series: Series }) {
  const latest = series.points.at(-1);
  if (latest === undefined) return null;
  return (
    <li className="summary-series">
      <span className="summary-series-name" title={series.long_name ?? undefined}>
        {series.name}
      </span>
      <span className="summary-series-value" dir="auto" data-text={latest.value === null}>
        <strong>{latest.shown}</strong> <span className="soft">{series.unit}</span> <Flag abnormal={latest.abnormal} brief />
      </span>
      <span>
        <Spark series={series} />
      </span>
      <bdi className="soft summary-series-when">{latest.when.split(' ')[0]}</bdi>
    </li>
  );
}

/** Tests whose latest value lies outside its range: critical first, then the newest. */
function abnormalFirst(labs: readonly Series[]): Series[] {
  const latest = (series: Series) => series.points.at(-1);
  return labs
    .filter((series) => isAbnormal(latest(series)?.abnormal ?? 'unknown'))
    .sort(
      (a, b) =>
        Number(isCritical(latest(b)?.abnormal ?? 'unknown')) - Number(isCritical(latest(a)?.abnormal ?? 'unknown')) ||
        (latest(b)?.at ?? 0) - (latest(a)?.at ?? 0),
    );
}
