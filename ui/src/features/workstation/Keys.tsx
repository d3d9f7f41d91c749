import type { ReactNode } from 'react';
import type { KeyStatusView } from '../../platform/bindings/KeyStatusView';
import type { RotationView } from '../../platform/bindings/RotationView';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { Button } from '../../shared/Button';
import { dateTime } from '../../shared/time';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useProof } from '../step-up/proof';
import { ProofFields } from '../step-up/ProofFields';
import { useKeyStatus } from './KeyStatus';
import { Section } from './Section';

/** The keys in force, their renewal, and what protects them. For everyone who works here. */
export function Keys() {
  const asked = useKeyStatus();
  return (
    <Section id="keys" title={t('workstation.keys')}>
      <Answer asked={asked} failureTestId="keys-failed">
        {(data) => (
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
            <Renewal rotation={data.rotation} again={asked.again} />
          </>
        )}
      </Answer>
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
  const { token } = useDesk().desk;
  // A new generation's secret is made by the token; carrying one on needs none.
  const begins = rotation === null;
  const proof = useProof(begins ? token : null, { takes: begins ? 'on_request' : 'never', pinAlone: true });
  const ask = (command: 'rotate_keys' | 'pause_rotation') =>
    proof.act(async (passphrase) => {
      if (command === 'rotate_keys') await platform.call(command, { passphrase: passphrase === '' ? null : passphrase });
      else await platform.call(command);
      again();
    });
  const paused = rotation?.paused ?? false;
  return (
    <>
      {rotation === null ? null : <Progress rotation={rotation} />}
      <ProofFields proof={proof} testId="keys-rotate-passphrase" autoFocus brief />
      {/* One button throughout, never disabled by its own work: whoever pressed it keeps the focus. */}
      <div className="notice-row">
        <Button
          isDisabled={!proof.ready && !proof.working}
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
