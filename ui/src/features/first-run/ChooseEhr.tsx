import { type SubmitEvent, useId, useState } from 'react';
import type { EhrView } from '../../platform/bindings/EhrView';
import { usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';

export function ChooseEhr({ suggested, chosen }: { suggested: string | null; chosen: (ehr: EhrView) => void }) {
  const platform = usePlatform();
  const id = useId();
  const [url, setUrl] = useState(suggested ?? '');
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<CommandFailed>();

  const ask = async (event: SubmitEvent) => {
    event.preventDefault();
    setAsking(true);
    setFailure(undefined);
    try {
      chosen(await platform.call('choose_ehr', { url: url.trim() }));
    } catch (reason) {
      setFailure(failureFrom(reason));
      setAsking(false);
    }
  };

  return (
    <form className="stack" onSubmit={(event) => void ask(event)}>
      <p>{t('first_run.ehr.intro')}</p>
      <div className="field">
        <label htmlFor={id}>{t('first_run.ehr.address')}</label>
        <input
          id={id}
          className="input"
          type="url"
          inputMode="url"
          dir="ltr"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          required
          disabled={asking}
          aria-describedby={`${id}-hint`}
          data-testid="ehr-url"
        />
        <p id={`${id}-hint`} className="soft">
          {t('first_run.ehr.hint')}
        </p>
      </div>
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <div className="notice-row">
        <Button type="submit" kind="primary" size="large" isDisabled={asking || url.trim() === ''} testId="ehr-continue">
          {t('first_run.ehr.continue')}
        </Button>
        <span role="status">{asking ? t('first_run.ehr.asking') : null}</span>
      </div>
    </form>
  );
}
