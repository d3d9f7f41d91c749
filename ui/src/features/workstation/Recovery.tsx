import { useRef, useState } from 'react';
import { usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { t } from '../../words';
import { ConfirmDialog } from '../step-up/ConfirmDialog';
import { Drill } from './Drill';
import { useKeyStatus } from './KeyStatus';
import { RecoveryCode } from './RecoveryCode';
import { Section } from './Section';

/** The key on paper that brings unsent work back when the keyring is lost: made here, and tried here. */
export function Recovery() {
  const platform = usePlatform();
  const { data, again } = useKeyStatus();
  const [asked, setAsked] = useState(false);
  // INVARIANT: the code is nowhere but here and in the dialog, and here only while the dialog stands.
  const [code, setCode] = useState<string>();
  const maker = useRef<HTMLDivElement>(null);
  const forget = () => {
    setCode(undefined);
    // What opened the dialog of the code is the other dialog, gone by now.
    requestAnimationFrame(() => maker.current?.querySelector('button')?.focus());
  };
  const replaces = data?.recovery ?? false;

  return (
    <Section id="recovery" title={t('workstation.recovery')}>
      <p className="soft">{t('workstation.recovery.intro')}</p>
      <div ref={maker}>
        <Button onPress={() => setAsked(true)} testId="recovery-make">
          {t(replaces ? 'recovery.make.new' : 'recovery.make')}
        </Button>
      </div>
      <Drill />
      {asked ? (
        <ConfirmDialog
          title={t(replaces ? 'recovery.make.new' : 'recovery.make')}
          button={t('recovery.make.confirm')}
          run={async (passphrase) => {
            setCode((await platform.call('make_recovery_key', { passphrase })).code);
            again();
          }}
          close={() => setAsked(false)}
          testId="recovery-confirm"
        >
          <p>{t('recovery.make.detail')}</p>
          {replaces ? (
            <p className="notice" data-tone="warn">
              <span>
                <span aria-hidden="true">⚠</span> {t('recovery.make.replaces')}
              </span>
            </p>
          ) : null}
        </ConfirmDialog>
      ) : null}
      {code === undefined || asked ? null : <RecoveryCode code={code} close={forget} />}
    </Section>
  );
}
