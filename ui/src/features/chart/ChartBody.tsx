import { memo, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import type { OpenedChart } from '../../platform/bindings/OpenedChart';
import { Allergies } from '../allergies/Allergies';
import type { Memory, Place } from '../desk/memory';
import { Documents } from '../documents/Documents';
import { Encounters } from '../encounters/Encounters';
import { Immunizations } from '../immunizations/Immunizations';
import { Labs } from '../labs/Labs';
import { Medications } from '../medications/Medications';
import { Problems } from '../problems/Problems';
import { Observations } from '../vitals/Observations';
import { Vitals } from '../vitals/Vitals';
import { Lines } from './Lines';
import { settle } from './navigation';
import { Other } from './Other';
import { Summary } from './Summary';

/** All sections, one under the other, in one scroller whose place is remembered. Drawn anew only when the chart is. */
export const ChartBody = memo(function ChartBody({
  opened,
  scroller,
  memory,
  at,
  read,
}: {
  opened: OpenedChart;
  scroller: RefObject<HTMLDivElement | null>;
  memory: Memory;
  at: (section: string) => void;
  read: (row: DocumentRow) => void;
}) {
  const { chart } = opened;
  const { patient } = chart.banner;
  const onScroll = useRememberedPlace(memory, patient, scroller, at);

  return (
    <div ref={scroller} className="chart-scroll" onScroll={onScroll} data-testid="chart-scroll">
      <div className="chart-content">
        <Summary chart={chart} read={read} />
        <Problems items={chart.problems} scroller={scroller} />
        <Allergies allergies={chart.allergies} scroller={scroller} />
        <Medications items={chart.medications} scroller={scroller} />
        <Vitals series={chart.vitals} scroller={scroller} />
        <Labs series={chart.labs} scroller={scroller} />
        <Documents items={chart.documents} read={read} scroller={scroller} />
        <Encounters items={chart.encounters} scroller={scroller} />
        <Immunizations items={chart.immunizations} scroller={scroller} />
        <Lines id="reports" items={chart.reports} scroller={scroller} />
        <Lines id="procedures" items={chart.procedures} scroller={scroller} />
        <Lines id="orders" items={chart.orders} scroller={scroller} />
        <Observations series={chart.observations} scroller={scroller} />
        <Other items={chart.other} notDisplayed={chart.not_displayed} scroller={scroller} />
      </div>
    </div>
  );
});

/** Puts the scroller back where the reader left this chart, and keeps the place from then on. */
function useRememberedPlace(
  memory: Memory,
  patient: string,
  scroller: RefObject<HTMLDivElement | null>,
  at: (section: string) => void,
): () => void {
  const restoring = useRef(true);

  useLayoutEffect(() => {
    const place = memory.places.get(patient);
    const put = () => {
      if (place !== undefined && scroller.current !== null) goTo(scroller.current, place);
    };
    return settle(put, 3, () => {
      restoring.current = false;
    });
  }, [memory, patient, scroller]);

  useEffect(() => {
    const place = memory.places.get(patient);
    if (place !== undefined) at(place.section);
  }, [memory, patient, at]);

  return () => {
    if (restoring.current || scroller.current === null) return;
    const place = placeOf(scroller.current);
    if (place === undefined) return;
    memory.places.set(patient, place);
    memory.touch();
    at(place.section);
  };
}

function goTo(scroller: HTMLElement, { section, offset }: Place): void {
  const element = scroller.querySelector<HTMLElement>(`[data-section="${CSS.escape(section)}"]`);
  if (element !== null) scroller.scrollTop = element.offsetTop + offset;
}

function placeOf(scroller: HTMLElement): Place | undefined {
  const sections = [...scroller.querySelectorAll<HTMLElement>('[data-section]')];
  const top = scroller.scrollTop;
  const current = sections.filter((element) => element.offsetTop <= top + 8).at(-1) ?? sections[0];
  const section = current?.dataset['section'];
  return current === undefined || section === undefined
    ? undefined
    : { section, offset: Math.max(0, Math.round(top - current.offsetTop)) };
}
