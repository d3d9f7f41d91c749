import { type SubmitEvent, useId, useState } from 'react';
import type { DrillView } from '../../platform/bindings/DrillView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

/** Tries a recovery key on what is unsent now, without showing any of it. */
export function Drill() {
  const platform = usePlatform();
  const id = useId();
  const [code, setCode] = useState('');
  const [working, setWorking] = useState(false);
  const [found, setFound] = useState<DrillView>();
  const [failure, setFailure] = useState<CommandFailed>();
  const able = code.trim() !== '' && !working;

  const drill = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!able) return;
    setWorking(true);
    setFound(undefined);
    setFailure(undefined);
    try {
      setFound(await platform.call('recovery_drill', { code: code.trim() }));
      setCode('');
    } catch (reason) {
      // The code stays: it is compared with the paper, group by group.
      setFailure(failureFrom(reason));
    }
    setWorking(false);
  };

  return (
    <form className="drill" onSubmit={(event) => void drill(event)} data-testid="drill">
      <div className="field">
        <label htmlFor={id}>{t('drill.code')}</label>
        <div className="drill-line">
          <input
            id={id}
            className="input drill-code"
            dir="ltr"
            value={code}
            onChange={({ target }) => setCode(target.value)}
            autoComplete="off"
            autoCapitalize="characters"
            autoCorrect="off"
            spellCheck={false}
            readOnly={working}
            aria-invalid={failure?.code === 'recovery_code'}
            aria-describedby={`${id}-hint`}
            data-testid="drill-code"
          />
          <Button type="submit" isDisabled={!able} testId="drill-run">
            {t('drill.run')}
          </Button>
        </div>
        <p id={`${id}-hint`} className="soft">
          {t('drill.hint')}
        </p>
      </div>
      {failure === undefined ? null : <FailureNotice failure={failure} testId="drill-error" />}
      <div role="status">
        {working ? t('drill.working') : null}
        {found === undefined ? null : <Found found={found} />}
      </div>
    </form>
  );
}

function Found({ found: { of, recovered } }: { found: DrillView }) {
  const whole = recovered >= of;
  return (
    <div className="notice" data-tone={whole ? 'good' : 'danger'} data-testid="drill-found" data-whole={whole} data-recovered={recovered} data-of={of}>
      <p className="notice-title">
        <span aria-hidden="true">{whole ? '✓' : '✕'}</span> {t(whole ? 'drill.whole' : 'drill.short', { recovered, of })}
      </p>
      {whole ? null : <p>{t('drill.short.detail')}</p>}
    </div>
  );
}
