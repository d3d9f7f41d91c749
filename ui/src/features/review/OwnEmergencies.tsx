import type { RefObject } from 'react';
import type { OwnEmergency } from '../../platform/bindings/OwnEmergency';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { type Column, Rows } from '../../shared/Rows';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';

/** One's own emergency accesses, and whether the privacy officer has heard of them. */
export function OwnEmergencies({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const platform = usePlatform();
  const { tide } = useSync();
  const asked = useAsk('own emergencies', () => platform.call('own_emergencies'), tide);
  return (
    <section data-testid="own-emergencies">
      <h2>{t('review.own')}</h2>
      <p className="soft">{t('review.own.intro')}</p>
      <Answer asked={asked}>
        {(data) =>
          data.length === 0 ? (
            <p className="soft">{t('review.own.none')}</p>
          ) : (
            <Rows
              label={t('review.own')}
              columns={columns()}
              rows={data}
              keyOf={({ patient, began }) => `${patient} ${began}`}
              scroller={scroller}
            />
          )
        }
      </Answer>
    </section>
  );
}

function columns(): Column<OwnEmergency>[] {
  return [
    { id: 'when', name: t('column.when'), width: 'minmax(8.5rem, 0.9fr)', cell: (row) => dateTime(row.began) },
    { id: 'patient', name: t('column.patient'), width: 'minmax(9rem, 1.6fr)', cell: (row) => <bdi>{row.name ?? row.patient}</bdi> },
    { id: 'purpose', name: t('column.purpose'), width: 'minmax(7rem, 1fr)', cell: (row) => wordsOf('break_glass.reason', row.reason) },
    {
      id: 'number',
      name: t('review.number'),
      width: 'minmax(7rem, 0.8fr)',
      cell: (row) => row.number ?? <span className="tag" data-tone="danger">{t('review.worth.unnumbered')}</span>,
    },
    {
      id: 'reported',
      name: t('column.state'),
      width: 'minmax(9rem, 1.2fr)',
      cell: (row) => (
        <span className="tag" data-tone={row.reported ? 'good' : 'warn'}>
          {t(row.reported ? 'break_glass.reported' : 'break_glass.not_reported')}
        </span>
      ),
    },
  ];
}
