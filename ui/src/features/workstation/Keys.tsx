import { type ReactNode, useState } from 'react';
import type { KeyStatusView } from '../../platform/bindings/KeyStatusView';
import type { RotationView } from '../../platform/bindings/RotationView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { PassphraseField } from '../../shared/PassphraseField';
import { dateTime } from '../../shared/time';
import { useTokenPin } from '../../shared/TokenPin';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useKeyStatus } from './KeyStatus';
import { Section } from './Section';

/** The keys in force, their renewal, and what protects them. For everyone who works here. */
export function Keys() {
  const { data, failure, again } = useKeyStatus();
  return (
    <Section id="keys" title={t('workstation.keys')}>
      {failure === undefined ? null : <FailureNotice failure={failure} again={again} brief testId="keys-failed" />}
      {data === undefined ? (
        failure === undefined ? (
          <p role="status">{t('common.loading')}</p>
        ) : null
      ) : (
        <>
          {data.recovery ? null : (
            <div className="notice" data-tone="danger" data-testid="recovery-none">
              <p className="notice-title">
                <span aria-hidden="true">⚠</span> {t('workstation.recovery.none')}
              </p>
              <p>{t('workstation.recovery.none.detail')}</p>
            </div>
          )}
          <Facts status={data} />
          <Renewal rotation={data.rotation} again={again} />
        </>
      )}
    </Section>
  );
}

function Facts({ status }: { status: KeyStatusView }) {
  return (
    <dl className="pairs" data-testid="key-status">
      <dt>{t('workstation.generation')}</dt>
      <dd data-testid="key-generation">{status.generation}</dd>
      <dt>{t('workstation.made')}</dt>
      <dd>{status.made_at === null ? t('workstation.made.unknown') : dateTime(status.made_at)}</dd>
      <dt>{t('workstation.due')}</dt>
      <dd>{due(status.due_at)}</dd>
      <dt>{t('workstation.own_due')}</dt>
      <dd data-testid="own-keys-due">{due(status.own_due_at)}</dd>
      <dt>{t('workstation.device_due')}</dt>
      <dd data-testid="device-secret-due">{due(status.device_due_at)}</dd>
      {status.awaited > 0 && (
        <>
          <dt>{t('workstation.awaited')}</dt>
          <dd data-testid="device-secret-awaited">{status.awaited}</dd>
        </>
      )}
      <dt>{t('workstation.recovery.key')}</dt>
      <dd data-testid="recovery-made" data-made={status.recovery}>
        <Verdict good={status.recovery}>{t(status.recovery ? 'workstation.recovery.made' : 'workstation.recovery.not_made')}</Verdict>
      </dd>
      <dt>{t('workstation.memory')}</dt>
      <dd data-testid="key-memory" data-locked={status.locked_in_memory}>
        <Verdict good={status.locked_in_memory}>
          {t(status.locked_in_memory ? 'workstation.memory.locked' : 'workstation.memory.not_locked')}
        </Verdict>
      </dd>
    </dl>
  );
}

function due(at: string | null): string {
  return at === null ? t('workstation.due.next') : dateTime(at);
}

function Verdict({ good, children }: { good: boolean; children: ReactNode }) {
  return (
    <span className="verdict" data-tone={good ? 'good' : 'warn'}>
      <span aria-hidden="true">{good ? '✓' : '⚠'}</span> {children}
    </span>
  );
}

/** Begins a rotation, and shows how far it is. */
function Renewal({ rotation, again }: { rotation: RotationView | null; again: () => void }) {
  const platform = usePlatform();
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();
  const pin = useTokenPin(useDesk().desk.token);
  // A new generation's secret is made by the token; carrying one on needs none.
  const begins = rotation === null;
  const [passphrase, setPassphrase] = useState('');
  const [asked, setAsked] = useState(false);
  const ask = async (command: 'rotate_keys' | 'pause_rotation') => {
    setWorking(true);
    setFailure(undefined);
    try {
      if (begins) await pin.give();
      if (command === 'rotate_keys') await platform.call(command, { passphrase: passphrase === '' ? null : passphrase });
      else await platform.call(command);
      setAsked(false);
      again();
    } catch (reason) {
      const refused = failureFrom(reason);
      setFailure(refused);
      if (refused.code === 'passphrase_needed') setAsked(true);
    }
    setPassphrase('');
    setWorking(false);
  };
  const paused = rotation?.paused ?? false;
  return (
    <>
      {rotation === null ? null : <Progress rotation={rotation} />}
      {asked ? (
        <PassphraseField
          label={t('locked.passphrase')}
          value={passphrase}
          change={setPassphrase}
          testId="keys-rotate-passphrase"
          disabled={working}
          autoFocus
          invalid={failure?.code === 'wrong_passphrase'}
        />
      ) : null}
      {failure === undefined ? null : <FailureNotice failure={failure} brief />}
      {begins ? pin.field({ working, failure }) : null}
      {/* One button throughout: whoever pressed it keeps the focus. */}
      <div className="notice-row">
        <Button
          isDisabled={working || (begins && !pin.ready)}
          onPress={() => void ask(rotation === null || paused ? 'rotate_keys' : 'pause_rotation')}
          testId={rotation === null ? 'keys-rotate' : paused ? 'rotation-resume' : 'rotation-pause'}
        >
          {t(rotation === null ? 'rotation.begin' : paused ? 'rotation.resume' : 'rotation.pause')}
        </Button>
        <span className="soft">{t(rotation === null ? 'rotation.begin.detail' : 'rotation.running.detail')}</span>
      </div>
    </>
  );
}

function Progress({ rotation: { done, of, paused } }: { rotation: RotationView }) {
  return (
    <div className="rotation" data-testid="rotation" data-paused={paused} data-done={done} data-of={of}>
      <progress aria-label={t('rotation.title')} {...(of > 0 ? { value: done, max: of } : {})} />
      <span>{t('rotation.progress', { done, of })}</span>
      <strong role="status">{paused ? t('rotation.paused') : null}</strong>
    </div>
  );
}
