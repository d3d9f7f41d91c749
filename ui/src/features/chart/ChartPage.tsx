import { useEffect, useRef, useState } from 'react';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import type { OpenedChart } from '../../platform/bindings/OpenedChart';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { Banner } from '../banner/Banner';
import { BreakGlass } from '../break-glass/BreakGlass';
import { NO_EXPORT } from '../break-glass/noExport';
import { BreakGlassBanner } from '../break-glass/BreakGlassBanner';
import { useChartState, useDesk } from '../desk/DeskContext';
import type { Tab } from '../desk/workspace';
import { Reader } from '../documents/Reader';
import { UnsignedNotes } from '../notes/UnsignedNotes';
import { NotePane } from '../notes/NotePane';
import { ChartBody } from './ChartBody';
import { CompleteProvider } from './completeness';
import { ChartWarnings } from './ChartWarnings';
import { SectionRail } from './SectionRail';
import { StepUp } from './StepUp';
import './chart.css';

/** One patient's chart: read when it comes to the front, or the reason why it is not shown. */
export function ChartPage({ tab }: { tab: Tab }) {
  const { charts, move } = useDesk();
  const { opened, failure } = useChartState(tab.patient);

  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => charts.need(tab.patient), [charts, tab.patient]);
  // The chart that came to the front takes the focus, so that its keys work at once; an open note takes it from there.
  useEffect(() => {
    if (tab.draft === null && (document.activeElement?.closest('.chart') ?? null) === null) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [tab.draft]);
  useEffect(() => {
    if (opened !== undefined) move({ to: 'name', patient: tab.patient, name: opened.chart.banner.name });
  }, [move, opened, tab.patient]);

  return (
    <article
      className="chart"
      data-testid={`chart-${tab.patient}`}
      aria-label={t('chart.label', { name: tab.name })}
      style={{ '--hue': `var(--chart-${tab.hue})` }}
      {...(opened === undefined || opened.break_glass === null ? {} : NO_EXPORT)}
    >
      <h1 ref={heading} tabIndex={-1} className="visually-hidden">
        {t('chart.label', { name: tab.name })}
      </h1>
      {opened !== undefined ? (
        <Opened tab={tab} opened={opened} />
      ) : failure?.code === 'break_glass_required' ? (
        <BreakGlass patient={tab.patient} name={tab.name} />
      ) : failure !== undefined ? (
        <div className="chart-failed">
          <h2>
            <bdi>{tab.name}</bdi>
          </h2>
          {failure.code === 'step_up_required' ? (
            <StepUp patient={tab.patient} failure={failure} />
          ) : (
            <FailureNotice failure={failure} again={() => void charts.read(tab.patient)} />
          )}
          {failure.code === 'access_suspended' ? <BreakGlass patient={tab.patient} name={tab.name} /> : null}
        </div>
      ) : (
        <p className="chart-failed" role="status">
          {t('chart.opening', { name: tab.name })}
        </p>
      )}
    </article>
  );
}

function Opened({ tab, opened }: { tab: Tab; opened: OpenedChart }) {
  const { charts, memory } = useDesk();
  const { failure } = useChartState(tab.patient);
  const scroller = useRef<HTMLDivElement>(null);
  const [section, setSection] = useState('summary');
  const [reading, setReading] = useState<DocumentRow>();
  const [said, say] = useSaid();
  const { chart } = opened;

  return (
    <CompleteProvider value={!chart.incomplete && chart.as_of !== null}>
      <Banner chart={chart} pinned={opened.pinned} />
      {opened.break_glass === null ? null : <BreakGlassBanner access={opened.break_glass} />}
      <ChartWarnings chart={chart} />
      <UnsignedNotes patient={tab.patient} open={tab.draft} />
      {failure === undefined ? null : <FailureNotice failure={failure} again={() => void charts.read(tab.patient)} brief />}
      <p className="chart-said" role="status" data-testid="chart-said">
        {said}
      </p>
      <div className="chart-columns" data-side={reading !== undefined || tab.draft !== null}>
        <SectionRail chart={chart} current={section} />
        <ChartBody opened={opened} scroller={scroller} memory={memory} at={setSection} read={setReading} />
        {reading !== undefined || tab.draft !== null ? (
          <aside className="chart-side" aria-label={t('chart.side')}>
            {reading === undefined ? null : (
              <Reader
                key={`${reading.source.kind}/${reading.source.id}`}
                patient={tab.patient}
                row={reading}
                close={() => setReading(undefined)}
              />
            )}
            {tab.draft === null ? null : <NotePane patient={tab.patient} draftId={tab.draft} banner={chart.banner} signed={say} />}
          </aside>
        ) : null}
      </div>
    </CompleteProvider>
  );
}

/** Something that was done, said for a while. */
function useSaid(): [said: string | undefined, say: (words: string) => void] {
  const [said, say] = useState<string>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => say(undefined), 10_000);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, say];
}
