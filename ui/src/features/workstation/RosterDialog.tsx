import type { ClinicianView } from '../../platform/bindings/ClinicianView';
import { usePlatform } from '../../platform/context';
import { CommandFailed } from '../../platform/failure';
import { t, wordsOf } from '../../words';
import { ConfirmDialog } from '../step-up/ConfirmDialog';
import { useKeyStatus } from './KeyStatus';

export type RosterChange = 'disable' | 'enable' | 'remove';

/** Disables, enables or removes a clinician; removal leaves work behind only when that was asked for by itself. */
export function RosterDialog({
  change,
  clinician: { user, name, role, unsent, unsigned },
  again,
  close,
  changed,
}: {
  change: RosterChange;
  clinician: ClinicianView;
  /** Reads the counts once more. */
  again: () => void;
  close: () => void;
  changed: () => void;
}) {
  const platform = usePlatform();
  const recovery = useKeyStatus().data?.recovery ?? false;
  const work = t('roster.work', { unsent, unsigned });

  const run = async (passphrase: string, leaveWork: boolean) => {
    if (change === 'disable') await platform.call('disable_clinician', { passphrase, user });
    else if (change === 'enable') await platform.call('enable_clinician', { passphrase, user });
    else {
      await platform.call('remove_clinician', { passphrase, user, leaveWork }).catch((reason: unknown) => {
        if (reason instanceof CommandFailed && reason.code === 'unsent_work') again();
        throw reason;
      });
    }
    changed();
  };

  return (
    <ConfirmDialog
      title={t(`roster.${change}.title`, { name })}
      button={t(`roster.${change}`)}
      kind={change === 'remove' ? 'danger' : 'primary'}
      second={{
        title: t('roster.remove.second', { work }),
        detail: t(recovery ? 'roster.remove.second.detail' : 'roster.remove.second.no_key'),
        button: t(recovery ? 'roster.remove.leave' : 'roster.remove.leave.no_key', { work }),
      }}
      run={run}
      close={close}
      testId={`roster-${change}`}
    >
      <p className="soft">{wordsOf('role', role)}</p>
      <p>{t(`roster.${change}.detail`)}</p>
      {change === 'remove' ? <p>{t('roster.remove.keys')}</p> : null}
      {change !== 'enable' && unsent + unsigned > 0 ? (
        <p className="notice" data-tone="warn">
          <span>
            <span aria-hidden="true">⚠</span> {t('roster.waiting', { work })}
          </span>
        </p>
      ) : null}
    </ConfirmDialog>
  );
}
