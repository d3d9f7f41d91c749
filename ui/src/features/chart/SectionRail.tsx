import type { ChartView } from '../../platform/bindings/ChartView';
import { t } from '../../words';
import { useMay } from '../desk/may';
import { useComplete } from './completeness';
import { goToSection } from './navigation';
import { type SectionId, SECTIONS } from './sections';

/** The chart's sections with how much each holds, and the key that goes there. */
export function SectionRail({ chart, current }: { chart: ChartView; current: string }) {
  const counts = countsOf(chart);
  const complete = useComplete();
  const may = useMay();
  return (
    <nav className="section-rail" aria-label={t('chart.sections')}>
      <ul>
        {SECTIONS.map(({ id, key }) => (
          <li key={id}>
            <button
              type="button"
              className="section-link"
              aria-current={current === id ? 'location' : undefined}
              data-empty={counts[id] === 0}
              onClick={() => goToSection(id)}
            >
              <span className="grow">{t(`section.${id}`)}</span>
              {id === 'summary' ? null : <span className="section-count">{counts[id] === 0 && !(complete && may.read(id)) ? '?' : counts[id]}</span>}
              <kbd className="key" title={t('key.then', { a: 'G', b: key.toUpperCase() })}>
                {key.toUpperCase()}
              </kbd>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function countsOf(chart: ChartView): Record<SectionId, number | string> {
  const { allergies } = chart;
  return {
    summary: '',
    problems: chart.problems.length,
    allergies: 'items' in allergies ? allergies.items.length : allergies.state === 'none_known' ? '0' : '?',
    medications: chart.medications.length,
    vitals: chart.vitals.length,
    labs: chart.labs.length,
    documents: chart.documents.length,
    encounters: chart.encounters.length,
    immunizations: chart.immunizations.length,
    reports: chart.reports.length,
    procedures: chart.procedures.length,
    orders: chart.orders.length,
    observations: chart.observations.length,
    other: chart.other.length + chart.not_displayed.length,
  };
}
