import { useRef } from 'react';
import type { OutboxRow } from '../../platform/bindings/OutboxRow';
import type { UnsignedNote } from '../../platform/bindings/UnsignedNote';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { type Column, Rows } from '../../shared/Rows';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { RecordStateTag } from '../chart/RecordStateTag';
import { useDesk, useSync } from '../desk/DeskContext';
import { tierWords } from '../sync/SyncStatus';

/** Everything entered on this workstation that the EHR has not acknowledged, and what may be done about it. */
export function Outbox() {
  const platform = usePlatform();
  const { show, move } = useDesk();
  const { tide, sync } = useSync();
  const scroller = useRef<HTMLDivElement>(null);
  const asked = useAsk('outbox', () => platform.call('outbox'), tide);
  const unsigned = useAsk('unsigned', () => platform.call('unsigned_notes'), `${tide}/${sync.waiting.drafts}`);

  const retry = ({ entry }: OutboxRow) => {
    platform
      .call('retry_rejected', { entry })
      .then(asked.again, (reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }));
  };

  return (
    <div ref={scroller} className="page" data-testid="outbox">
      <div className="page-content">
        <h1>{t('outbox.title')}</h1>
        <p className="soft">{t('outbox.intro')}</p>
        {sync.running && sync.tier !== null ? <p role="status">{tierWords(sync)}</p> : null}
        <Answer asked={asked}>
          {(data) =>
            data.length === 0 ? (
              <p className="notice" data-tone="good">
                <span className="notice-title">✓ {t('outbox.empty')}</span>
              </p>
            ) : (
              <Rows
                label={t('outbox.title')}
                columns={columns(retry)}
                rows={data}
                keyOf={({ entry }) => String(entry)}
                open={(row) => {
                  if (row.name !== null) move({ to: 'open', patient: row.patient, name: row.name });
                }}
                rowTestId={({ entry }) => `outbox-row-${entry}`}
                scroller={scroller}
              />
            )
          }
        </Answer>
        {unsigned.failure === undefined ? null : <FailureNotice failure={unsigned.failure} again={unsigned.again} brief />}
        {unsigned.data === undefined || unsigned.data.length === 0 ? null : (
          <>
            <h2>{t('outbox.unsigned')}</h2>
            <p className="soft">{t('outbox.unsigned.intro')}</p>
            <Rows
              label={t('outbox.unsigned')}
              columns={unsignedColumns()}
              rows={unsigned.data}
              keyOf={({ draft }) => draft}
              open={({ patient, name, draft }) => {
                if (name === null) return;
                move({ to: 'open', patient, name });
                move({ to: 'draft', patient, draft });
              }}
              rowTestId={({ draft }) => `unsigned-row-${draft}`}
              scroller={scroller}
            />
          </>
        )}
      </div>
    </div>
  );
}

function unsignedColumns(): Column<UnsignedNote>[] {
  return [
    { id: 'saved', name: t('column.saved'), width: 'minmax(8.5rem, 0.9fr)', cell: (row) => dateTime(row.saved_at) },
    { id: 'patient', name: t('column.patient'), width: 'minmax(9rem, 1.6fr)', cell: (row) => <Patient name={row.name} /> },
    { id: 'kind', name: t('column.kind'), width: 'minmax(7rem, 3fr)', cell: (row) => wordsOf('note_type', row.note_type) },
  ];
}

function Patient({ name }: { name: string | null }) {
  return name === null ? <span className="soft">{t('outbox.name_hidden')}</span> : <bdi>{name}</bdi>;
}

function columns(retry: (row: OutboxRow) => void): Column<OutboxRow>[] {
  return [
    { id: 'entered', name: t('column.entered'), width: 'minmax(8.5rem, 0.9fr)', cell: (row) => dateTime(row.entered_at) },
    {
      id: 'patient',
      name: t('column.patient'),
      width: 'minmax(9rem, 1.6fr)',
      cell: (row) => <Patient name={row.name} />,
    },
    { id: 'kind', name: t('column.kind'), width: 'minmax(7rem, 1fr)', cell: (row) => wordsOf('kind', row.kind) },
    { id: 'state', name: t('column.state'), width: 'minmax(7rem, 1fr)', cell: (row) => <RecordStateTag state={row.state} /> },
    {
      id: 'reason',
      name: t('column.why'),
      width: 'minmax(9rem, 2fr)',
      cell: (row) => (row.reason === null ? t('outbox.attempts', { n: row.attempts }) : wordsOf('outbox.reason', row.reason)),
    },
    {
      id: 'action',
      name: t('column.action'),
      width: 'minmax(6rem, 0.7fr)',
      cell: (row) =>
        row.state === 'rejected' ? (
          <Button onPress={() => retry(row)} testId={`outbox-retry-${row.entry}`}>
            {t('outbox.retry')}
          </Button>
        ) : null,
    },
  ];
}
