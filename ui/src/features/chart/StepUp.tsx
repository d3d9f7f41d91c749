import { useState } from 'react';
import { usePlatform } from '../../platform/context';
import type { CommandFailed } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { ConfirmDialog } from '../step-up/ConfirmDialog';

/** Unusual access: the passphrase is asked for once more, then the chart is asked for again. The core decides both times. */
export function StepUp({ patient, failure }: { patient: string; failure: CommandFailed }) {
  const platform = usePlatform();
  const { charts } = useDesk();
  const [asking, setAsking] = useState(true);

  return (
    <div className="stack" data-testid="step-up">
      <FailureNotice failure={failure} />
      <Button kind="primary" onPress={() => setAsking(true)} testId="step-up-ask">
        {t('step_up.button')}
      </Button>
      {asking ? (
        <ConfirmDialog
          title={t('step_up.title')}
          button={t('step_up.button')}
          run={async (passphrase) => {
            await platform.call('step_up', { passphrase });
            await charts.read(patient);
          }}
          close={() => setAsking(false)}
          testId="step-up-dialog"
        >
          <p>{t('step_up.detail')}</p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
