import { useRef, useState } from 'react';
import { FailureNotice } from '../../shared/FailureNotice';
import { Finder } from '../../shared/Finder';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { PatientLine } from './PatientLine';
import { usePatients } from './usePatients';

export function PatientSearch({ searching }: { searching: (yes: boolean) => void }) {
  const { move } = useDesk();
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const found = usePatients(query);
  const rows = query.trim() === '' ? [] : (found.data?.rows ?? []);

  const change = (next: string) => {
    setQuery(next);
    searching(next.trim() !== '');
  };
  const leave = () => {
    change('');
    if (query === '') input.current?.blur();
  };

  return (
    <div role="search" className="patient-search" data-searching={query.trim() !== ''}>
      <Finder
        label={t('search.label')}
        placeholder={t('search.placeholder')}
        query={query}
        change={change}
        inputRef={input}
        inputTestId="search"
        listTestId="search-results"
        options={rows.map((row) => ({
          id: row.patient,
          testId: `search-row-${row.patient}`,
          content: <PatientLine row={row} />,
        }))}
        choose={(patient) => {
          const row = rows.find((one) => one.patient === patient);
          if (row === undefined) return;
          move({ to: 'open', patient, name: row.name });
          change('');
        }}
        leave={leave}
        below={query.trim() === '' ? null : <Outcome found={found} shown={rows.length} />}
      />
    </div>
  );
}

function Outcome({ found, shown }: { found: ReturnType<typeof usePatients>; shown: number }) {
  if (found.failure !== undefined) return <FailureNotice failure={found.failure} again={found.again} brief />;
  const { data, pending } = found;
  return (
    <p className="patient-search-outcome soft" role="status">
      {data === undefined || data === null
        ? t('search.searching')
        : data.total === 0 && !pending
          ? t('search.none', { searched: data.searched })
          : t('search.found', { shown, total: data.total })}
    </p>
  );
}
