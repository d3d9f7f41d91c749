import { useState } from 'react';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { Finder } from '../../shared/Finder';
import { Keys } from '../../shared/Keys';
import { t } from '../../words';
import { ACTIONS, type ActionSpec } from '../desk/actions';
import { useDesk } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { useActions } from '../desk/useActions';
import { PatientLine } from '../search/PatientLine';
import { usePatients } from '../search/usePatients';

const PATIENTS = 8;
/** Actions that find a patient. */
const FINDING: readonly string[] = ['search', 'schedule'];

/** Every action by its name, open charts, and patients, from one field. */
export function Palette({ close }: { close: () => void }) {
  const { workspace, move } = useDesk();
  const act = useActions();
  const [query, setQuery] = useState('');
  const may = useMay();
  const searches = may.findPatients && query.trim().length >= 2;
  const found = usePatients(searches ? query : '');
  const hasChart = workspace.page === 'chart' && workspace.front !== null;

  const actions = ACTIONS.filter((action) =>
      action.listed &&
      (hasChart || !action.chart) &&
      (action.note === undefined || may.notes.includes(action.note)) &&
      (may.findPatients || !FINDING.includes(action.id)) &&
      (action.id !== 'note_new' || may.notes.length > 0) &&
      matches(t(action.words), query),
 );
  const tabs = workspace.tabs.filter((tab) => tab.patient !== workspace.front && matches(tab.name, query));
  const patients = !searches ? [] : (found.data?.rows.slice(0, PATIENTS) ?? []);

  const options = [
    ...tabs.map((tab) => ({ id: `tab ${tab.patient}`, group: t('palette.tabs'), content: <bdi>{tab.name}</bdi> })),
    ...actions.map((action) => ({ id: `act ${action.id}`, group: t('palette.actions'), content: <ActionLine action={action} /> })),
    ...patients.map((row) => ({
      id: `patient ${row.patient}`,
      testId: `palette-patient-${row.patient}`,
      group: t('palette.patients'),
      content: <PatientLine row={row} />,
    })),
  ];
  const choose = (id: string) => {
    const [kind, ...rest] = id.split(' ');
    const key = rest.join(' ');
    close();
    if (kind === 'tab') move({ to: 'front', patient: key });
    // The dialog gives the focus back first; what the action focuses comes after.
    if (kind === 'act') requestAnimationFrame(() => act(key));
    const row = patients.find(({ patient }) => kind === 'patient' && patient === key);
    if (row !== undefined) move({ to: 'open', patient: row.patient, name: row.name });
  };

  return (
    <Dialog title={t('palette.title')} close={close} testId="palette">
      <Finder
        className="palette"
        label={t('palette.title')}
        placeholder={t('palette.placeholder')}
        query={query}
        change={setQuery}
        options={options}
        choose={choose}
        leave={close}
        inputTestId="palette-input"
        autoFocus
        below={
          found.failure !== undefined ? (
            <FailureNotice failure={found.failure} again={found.again} brief />
          ) : options.length === 0 ? (
            <p className="soft" role="status">
              {t(found.pending ? 'search.searching' : 'palette.none')}
            </p>
          ) : null
        }
      />
    </Dialog>
  );
}

function ActionLine({ action }: { action: ActionSpec }) {
  return (
    <span className="palette-action">
      <span className="grow">{t(action.words)}</span>
      {action.keys.map((keys) => (
        <Keys key={keys} keys={keys} />
      ))}
    </span>
  );
}

/** Every word typed begins a word of the name, whatever the order. */
function matches(name: string, query: string): boolean {
  const words = fold(name).split(/[\s,()/-]+/u);
  return fold(query)
    .split(/\s+/u)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)));
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
