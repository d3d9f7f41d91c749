import { type SubmitEvent, useState } from 'react';
import type { DrillView } from '../../platform/bindings/DrillView';
import { usePlatform } from '../../platform/context';
import { useAct } from '../../shared/act';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { TextField } from '../../shared/TextField';
import { t } from '../../words';

/** Tries a recovery key on what is unsent now, without showing any of it. */
export function Drill() {
  const platform = usePlatform();
  const [code, setCode] = useState('');
  const [found, setFound] = useState<DrillView>();
  const { working, failure, run } = useAct();
  const able = code.trim() !== '' && !working;

  const drill = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!able) return;
    setFound(undefined);
    // A refused code stays: it is compared with the paper, group by group.
    await run(async () => {
      setFound(await platform.call('recovery_drill', { code: code.trim() }));
      setCode('');
    });
  };

  return (
    <form className="drill" onSubmit={(event) => void drill(event)} data-testid="drill">
      <TextField
        label={t('drill.code')}
        hint={t('drill.hint')}
        value={code}
        change={setCode}
        dir="ltr"
        autoCapitalize="characters"
        readOnly={working}
        aria-invalid={failure?.code === 'recovery_code'}
        testId="drill-code"
        after={
          <Button type="submit" isDisabled={!able} testId="drill-run">
            {t('drill.run')}
          </Button>
        }
      />
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
