import { type RefObject, useEffect, useRef, useState } from 'react';
import type { ClinicianView } from '../../platform/bindings/ClinicianView';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { type Column, Rows } from '../../shared/Rows';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';
import { type RosterChange, RosterDialog } from './RosterDialog';
import { Section } from './Section';

/** Who has a place on this workstation, and what of theirs the EHR has not taken. */
export function Clinicians({ scroller }: { scroller: RefObject<HTMLElement | null> }) {
  const platform = usePlatform();
  const { tide } = useSync();
  const answer = useAsk('clinicians', () => platform.call('clinicians'), tide);
  const { data, again } = answer;
  const [asked, setAsked] = useState<{ change: RosterChange; user: string }>();
  const [done, setDone] = useState('');
  const said = useRef<HTMLParagraphElement>(null);
  const chosen = data?.find(({ user }) => user === asked?.user);

  // Whoever removed a clinician stood on a button that goes with the row.
  const removed = useRef(false);
  useEffect(() => {
    if (removed.current && document.activeElement === document.body) said.current?.focus();
    removed.current = false;
  }, [data]);

  return (
    <Section id="clinicians" title={t('workstation.clinicians')}>
      <p className="soft">{t('workstation.clinicians.intro')}</p>
      <Answer asked={answer} failureTestId="clinicians-failed">
        {(data) =>
          data.length === 0 ? (
            <p className="soft">{t('workstation.clinicians.none')}</p>
          ) : (
            <Rows
              label={t('workstation.clinicians')}
              columns={columns((change, { user }) => setAsked({ change, user }))}
              rows={data}
              keyOf={({ user }) => user}
              rowTestId={({ user }) => `clinician-${user}`}
              dim={({ disabled }) => disabled}
              scroller={scroller}
            />
          )
        }
      </Answer>
      <p ref={said} role="status" tabIndex={-1} data-testid="clinicians-done">
        {done}
      </p>
      {asked === undefined || chosen === undefined ? null : (
        <RosterDialog
          change={asked.change}
          clinician={chosen}
          again={again}
          close={() => setAsked(undefined)}
          changed={() => {
            removed.current = asked.change === 'remove';
            setDone(t(`roster.${asked.change}.done`, { name: chosen.name }));
            again();
          }}
        />
      )}
    </Section>
  );
}

function columns(ask: (change: RosterChange, row: ClinicianView) => void): Column<ClinicianView>[] {
  return [
    { id: 'name', name: t('column.name'), width: 'minmax(10rem, 2fr)', cell: (row) => <bdi>{row.name}</bdi> },
    { id: 'role', name: t('column.role'), width: 'minmax(7rem, 1fr)', cell: (row) => wordsOf('role', row.role) },
    { id: 'state', name: t('column.place'), width: 'minmax(8rem, 1fr)', cell: (row) => <State row={row} /> },
    { id: 'unsent', name: t('column.unsent'), width: '5.5rem', cell: (row) => row.unsent, numeric: true },
    { id: 'unsigned', name: t('column.unsigned'), width: '5.5rem', cell: (row) => row.unsigned, numeric: true },
    {
      id: 'action',
      name: t('column.action'),
      width: 'minmax(11rem, 1.2fr)',
      cell: (row) => (row.working ? <span className="soft">{t('workstation.oneself')}</span> : <Actions row={row} ask={ask} />),
    },
  ];
}

function Actions({ row, ask }: { row: ClinicianView; ask: (change: RosterChange, row: ClinicianView) => void }) {
  const change = row.disabled ? 'enable' : 'disable';
  return (
    <span className="clinician-actions">
      <Button
        aria-label={t(`roster.${change}.label`, { name: row.name })}
        onPress={() => ask(change, row)}
        testId={`clinician-${change}-${row.user}`}
      >
        {t(`roster.${change}`)}
      </Button>
      <Button
        aria-label={t('roster.remove.label', { name: row.name })}
        onPress={() => ask('remove', row)}
        testId={`clinician-remove-${row.user}`}
      >
        {t('roster.remove')}
      </Button>
    </span>
  );
}

function State({ row: { working, disabled } }: { row: ClinicianView }) {
  const [tone, glyph, words] = working
    ? (['good', '●', 'workstation.state.working'] as const)
    : disabled
      ? (['warn', '⊘', 'workstation.state.disabled'] as const)
      : (['plain', '○', 'workstation.state.enabled'] as const);
  return (
    <span className="tag" data-tone={tone}>
      <span aria-hidden="true">{glyph}</span> {t(words)}
    </span>
  );
}
