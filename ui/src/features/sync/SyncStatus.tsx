import { useState } from 'react';
import type { SyncView } from '../../platform/bindings/SyncView';
import { usePlatform } from '../../platform/context';
import { CommandFailed, failureFrom, isErrorCode } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { Dialog, DialogClose } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { ago, shortTime, useNow } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useDesk, useSync, waitingOf } from '../desk/DeskContext';
import { MissingNotice } from './MissingNotice';
import { SignInAgain } from './SignInAgain';

/** Whether the EHR answers, and what entered here is not there yet. */
export function SyncStatus() {
  const platform = usePlatform();
  const { show, move } = useDesk();
  const { sync, syncIs } = useSync();
  const [open, setOpen] = useState(false);
  const now = useNow(15_000);
  const waiting = waitingOf(sync);
  const fail = (reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) });

  return (
    <div className="sync" data-testid="sync-status" data-connection={sync.connection} data-running={sync.running}>
      <span className="sync-line" role="status">
        <ConnectionTag sync={sync} now={now} />
        {sync.running ? null : <span className="soft sync-last">{lastWords(sync, now)}</span>}
      </span>
      {sync.running ? (
        <span className="sync-progress">
          <progress
            aria-label={t('sync.running')}
            {...(sync.charts_total > 0 ? { value: sync.charts_ready, max: sync.charts_total } : {})}
          />
          <span>
            {sync.charts_total > 0
              ? t('sync.charts', { ready: sync.charts_ready, total: sync.charts_total })
              : t('sync.records', { n: sync.records_received })}
          </span>
          <Button kind="quiet" onPress={() => void platform.call('cancel_sync').catch(fail)} testId="sync-cancel">
            {t('common.stop')}
          </Button>
        </span>
      ) : sync.connection === 'sign_in_needed' ? (
        <SignInAgain />
      ) : (
        <Button kind="quiet" onPress={() => void platform.call('sync_now').then(syncIs, fail)} testId="sync-now">
          {t('sync.now')}
        </Button>
      )}
      <button
        type="button"
        className="sync-count"
        data-testid="sync-count"
        data-waiting={waiting}
        data-tone={sync.waiting.rejected + sync.waiting.conflict > 0 ? 'danger' : waiting + sync.waiting.drafts > 0 ? 'warn' : 'good'}
        onClick={() => move({ to: 'page', page: 'outbox' })}
      >
        {waiting + sync.waiting.drafts === 0 ? t('sync.all_there') : countWords(sync)}
      </button>
      <MissingNotice />
      {sync.last_error !== null && !sync.running && (sync.connection === 'online' || sync.connection === 'unknown') ? (
        <Button kind="quiet" className="sync-failed" onPress={() => setOpen(true)} testId="sync-error">
          ⚠ {t('sync.failed')}
        </Button>
      ) : null}
      {open ? (
        <Dialog title={t('sync.failed')} close={() => setOpen(false)}>
          <FailureNotice failure={lastFailure(sync)} />
          <p className="soft">{lastWords(sync, now)}</p>
          <DialogClose close={() => setOpen(false)} />
        </Dialog>
      ) : null}
    </div>
  );
}

function ConnectionTag({ sync, now }: { sync: SyncView; now: number }) {
  switch (sync.connection) {
    case 'online':
      return (
        <span className="tag" data-tone="good">
          ● {t('sync.online')}
        </span>
      );
    case 'offline':
      return (
        <span className="tag" data-tone="warn" data-testid="offline">
          ○ {sync.offline_since === null ? t('sync.offline') : t('sync.offline_since', { time: shortTime(sync.offline_since, now) })}
        </span>
      );
    case 'sign_in_needed':
      return (
        <span className="tag" data-tone="warn">
          ◑ {t('sync.sign_in_needed')}
        </span>
      );
    case 'unknown':
      return (
        <span className="tag" data-tone="plain">
          ? {t('sync.unknown')}
        </span>
      );
  }
}

function countWords({ waiting }: SyncView): string {
  return (['conflict', 'rejected', 'sending', 'local_only', 'drafts'] as const)
    .filter((state) => waiting[state] > 0)
    .map((state) => t(`sync.waiting.${state}`, { n: waiting[state] }))
    .join(' · ');
}

function lastWords(sync: SyncView, now: number): string {
  return sync.last_success === null ? t('sync.never') : t('sync.last', { ago: ago(sync.last_success, now) });
}

function lastFailure(sync: SyncView): CommandFailed {
  return new CommandFailed(isErrorCode(sync.last_error) ? sync.last_error : 'internal');
}

/** What a running round is fetching, for the outbox page. */
export function tierWords(sync: SyncView): string {
  return sync.tier === null ? '' : wordsOf('sync.tier', sync.tier);
}
