import type { RefObject } from 'react';
import type { Allergies as AllergiesView } from '../../platform/bindings/Allergies';
import type { Allergy } from '../../platform/bindings/Allergy';
import { type Column, Rows } from '../../shared/Rows';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useMay } from '../desk/may';
import { useComplete } from '../chart/completeness';
import { NotSynced } from '../chart/RecordStateTag';
import { Section } from '../chart/Section';
import { Doubt } from '../problems/Problems';

/** The four states are four different statements; none of them is an empty table. */
export function Allergies({ allergies, scroller }: { allergies: AllergiesView; scroller: RefObject<HTMLElement | null> }) {
  const items = 'items' in allergies ? allergies.items : [];
  return (
    <Section id="allergies" count={items.length}>
      <AllergyStatement allergies={allergies} />
      {items.length === 0 ? null : (
        <Rows
          label={t('section.allergies')}
          columns={columns()}
          rows={items}
          keyOf={({ source }) => source.id}
          scroller={scroller}
          dim={({ status }) => status !== 'active'}
        />
      )}
    </Section>
  );
}

/** What may be said of this patient's allergies as a whole. */
export function AllergyStatement({ allergies }: { allergies: AllergiesView }) {
  const complete = useComplete();
  const may = useMay();
  switch (allergies.state) {
    case 'known':
      return null;
    case 'none_known': {
      const { last_updated: at } = allergies.source;
      return (
        <p className="allergy-statement" data-tone={complete ? 'good' : 'warn'} data-allergies="none_known">
          {complete ? `✓ ${t('allergies.none_known')}` : `? ${t('allergies.none_known.doubt')}`} {at === null ? null : <span className="soft">{t('allergies.recorded', { when: dateTime(at) })}</span>}
        </p>
      );
    }
    case 'not_recorded':
      return (
        <p className="allergy-statement" data-tone="warn" data-allergies="not_recorded">
          ? {t(!may.read('allergies') ? 'allergies.not_yours' : complete ? 'allergies.not_recorded' : 'allergies.not_known')}
        </p>
      );
    case 'unreadable':
      return (
        <p className="allergy-statement" data-tone="danger" data-allergies="unreadable">
          ⚠ {t('allergies.unreadable', { n: allergies.unreadable })}
        </p>
      );
  }
}

export function Criticality({ allergy }: { allergy: Allergy }) {
  if (allergy.criticality === null) return <span className="soft">{t('column.not_recorded')}</span>;
  const high = allergy.criticality === 'high';
  return (
    <span className="tag" data-tone={high ? 'danger' : 'plain'}>
      {high ? '▲ ' : ''}
      {wordsOf('criticality', allergy.criticality)}
    </span>
  );
}

function columns(): Column<Allergy>[] {
  return [
    {
      id: 'substance',
      name: t('column.substance'),
      width: 'minmax(8rem, 1.6fr)',
      cell: (row) => (
        <>
          <strong>{row.substance}</strong> <Doubt verification={row.verification} /> <NotSynced state={row.source.state} />
        </>
      ),
    },
    { id: 'criticality', name: t('column.criticality'), width: 'minmax(6.5rem, 0.8fr)', cell: (row) => <Criticality allergy={row} /> },
    {
      id: 'reactions',
      name: t('column.reactions'),
      width: 'minmax(8rem, 1.8fr)',
      cell: (row) => (row.reactions.length === 0 ? t('column.not_recorded') : row.reactions.join(', ')),
    },
    { id: 'kind', name: t('column.kind'), width: 'minmax(5rem, 0.7fr)', cell: (row) => (row.kind === null ? '' : wordsOf('allergy_kind', row.kind)) },
    { id: 'status', name: t('column.status'), width: 'minmax(4.5rem, 0.6fr)', cell: (row) => wordsOf('status', row.status) },
    { id: 'since', name: t('column.since'), width: 'minmax(6rem, 0.7fr)', cell: (row) => row.since ?? '' },
  ];
}
