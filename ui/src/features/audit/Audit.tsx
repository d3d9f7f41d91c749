import { useEffect, useRef, useState } from 'react';
import type { AuditRow } from '../../platform/bindings/AuditRow';
import type { AuditVerified } from '../../platform/bindings/AuditVerified';
import { usePlatform } from '../../platform/context';
import { useAct } from '../../shared/act';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { type Column, Rows } from '../../shared/Rows';
import { clockTime, dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useMay } from '../desk/may';
import { AuditFilter, EVERYTHING, LIMIT } from './AuditFilter';
import { AuditState } from './AuditState';
import { Countersigned } from './Countersigned';
import { Replay } from './Replay';
import './audit.css';

const REST_MS = 400;

/** The newest entries of this workstation's audit chain, and whether the chain is whole. */
export function Audit() {
  const platform = usePlatform();
  const scroller = useRef<HTMLDivElement>(null);
  const may = useMay();
  const [asked, setAsked] = useState(EVERYTHING);
  const [query, setQuery] = useState(EVERYTHING);
  const [state, setState] = useState<number>();
  const [replaying, setReplaying] = useState(false);
  // Every reading of the chain is an entry in it: one when the hands rest, not one a keystroke.
  useEffect(() => {
    const rest = setTimeout(() => setQuery(asked), REST_MS);
    return () => clearTimeout(rest);
  }, [asked]);
  const answer = useAsk(`audit ${String(may.readAudit)} ${JSON.stringify(query)}`, async () =>
    may.readAudit ? platform.call('audit_recent', { query }) : null,
  );
  return (
    <div ref={scroller} className="page" data-testid="audit">
      <div className="page-content">
        <div className="page-head">
          <h1 className="grow">{t('audit.title')}</h1>
          <Verify />
          {may.readAudit ? (
            <Button aria-pressed={replaying} onPress={() => setReplaying(!replaying)} testId="audit-replay">
              {t('audit.replay')}
            </Button>
          ) : null}
          <Button onPress={answer.again}>{t('common.refresh')}</Button>
        </div>
        <p className="soft">{t('audit.intro', { n: LIMIT })}</p>
        <Countersigned />
        {may.readAudit ? <AuditFilter query={asked} change={setAsked} /> : null}
        {replaying && may.readAudit ? (
          <Replay query={query} />
        ) : (
          <Answer asked={answer}>
            {(data) =>
              data === null ? (
                <p>{t('audit.not_yours')}</p>
              ) : data.length === 0 ? (
                <p className="soft">{t(query === EVERYTHING ? 'audit.none' : 'audit.none_such')}</p>
              ) : (
                <Rows
                  label={t('audit.title')}
                  columns={columns(state, setState)}
                  rows={data}
                  keyOf={({ sequence }) => String(sequence)}
                  scroller={scroller}
                  open={(row) => {
                    if (row.kept) setState((open) => (open === row.sequence ? undefined : row.sequence));
                  }}
                  expanded={(row) => row.sequence === state}
                  below={(row) => (row.sequence === state ? <AuditState sequence={row.sequence} /> : null)}
                />
              )
            }
          </Answer>
        )}
      </div>
    </div>
  );
}

function Verify() {
  const platform = usePlatform();
  const { working, failure, run } = useAct();
  const [result, setResult] = useState<AuditVerified>();
  // The button is not disabled meanwhile: whoever pressed it keeps the focus.
  const verify = async () => {
    if (working) return;
    setResult(undefined);
    await run(async () => setResult(await platform.call('audit_verify')));
  };
  return (
    <>
      <span role="status" data-testid="audit-verified" data-intact={result?.intact}>
        {working ? t('audit.verifying') : result === undefined ? null : <Verdict result={result} />}
      </span>
      {failure === undefined ? null : <FailureNotice failure={failure} brief />}
      <Button kind="primary" onPress={() => void verify()} testId="audit-verify">
        {t('audit.verify')}
      </Button>
    </>
  );
}

function Verdict({ result }: { result: AuditVerified }) {
  if (result.intact) {
    return (
      <span className="tag" data-tone="good">
        ✓ {t('audit.intact', { n: result.entries })}
      </span>
    );
  }
  return (
    <span className="tag" data-tone="danger">
      ✕{' '}
      {result.fault === null
        ? t('audit.broken')
        : t('audit.broken_at', { n: result.fault.sequence, how: wordsOf('audit.fault', result.fault.kind) })}
    </span>
  );
}

function columns(state: number | undefined, show: (sequence: number | undefined) => void): Column<AuditRow>[] {
  return [
    { id: 'sequence', name: t('column.number'), width: '4.5rem', cell: (row) => row.sequence, numeric: true },
    {
      id: 'at',
      name: t('column.when'),
      width: 'minmax(9.5rem, 0.9fr)',
      cell: (row) => `${dateTime(row.at).split(' ')[0] ?? ''} ${clockTime(row.at)}`,
    },
    {
      id: 'who',
      name: t('column.who'),
      width: 'minmax(9rem, 1.2fr)',
      cell: (row) => (
        <>
          <bdi>{row.who === '' ? t('audit.nobody') : row.who}</bdi> <span className="soft">{wordsOf('role', row.role)}</span>
        </>
      ),
    },
    { id: 'action', name: t('column.what'), width: 'minmax(7rem, 1fr)', cell: (row) => wordsOf('audit.action', row.action) },
    {
      id: 'outcome',
      name: t('column.outcome'),
      width: 'minmax(5.5rem, 0.6fr)',
      cell: (row) => (
        <span className="tag" data-tone={row.outcome === 'allowed' ? 'plain' : 'danger'}>
          {wordsOf('audit.outcome', row.outcome)}
        </span>
      ),
    },
    { id: 'patient', name: t('column.patient_id'), width: 'minmax(6rem, 1fr)', cell: (row) => <span dir="ltr">{row.patient}</span> },
    {
      id: 'purpose',
      name: t('column.purpose'),
      width: 'minmax(5rem, 0.9fr)',
      cell: (row) => (row.purpose === null ? '' : wordsOf('break_glass.reason', row.purpose)),
    },
    { id: 'detail', name: t('column.detail'), width: 'minmax(6rem, 1.2fr)', cell: (row) => row.detail ?? '' },
    {
      id: 'state',
      name: t('audit.state'),
      width: '5rem',
      cell: (row) =>
        row.kept ? (
          <Button
            kind="quiet"
            aria-expanded={row.sequence === state}
            aria-label={t('audit.state.of', { n: row.sequence })}
            onPress={() => show(row.sequence === state ? undefined : row.sequence)}
            testId="audit-state-open"
          >
            {t('audit.state')}
          </Button>
        ) : null,
    },
  ];
}
