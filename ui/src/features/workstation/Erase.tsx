import { useState } from 'react';
import { usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { TextField } from '../../shared/TextField';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { ConfirmDialog } from '../step-up/ConfirmDialog';
import { Section } from './Section';

/** Typed as it stands, to begin with. */
const EXACT = { dir: 'ltr', autoCapitalize: 'off', autoFocus: true } as const;

/** Takes a chart, or everything, off this workstation. Neither touches the EHR. */
export function Erase() {
  const [asked, setAsked] = useState<'chart' | 'workstation'>();
  const [erased, setErased] = useState(false);
  const close = () => setAsked(undefined);
  return (
    <Section id="erase" title={t('workstation.erase')}>
      <p className="soft">{t('workstation.erase.intro')}</p>
      <div className="notice-row">
        <Button onPress={() => setAsked('chart')} testId="erase-chart-open">
          {t('erase.chart')}
        </Button>
        <Button onPress={() => setAsked('workstation')} testId="erase-workstation-open">
          {t('erase.workstation')}
        </Button>
      </div>
      <p role="status" data-testid="erase-done">
        {erased ? t('erase.chart.done') : null}
      </p>
      {asked === 'chart' ? <EraseChart close={close} erased={() => setErased(true)} /> : null}
      {asked === 'workstation' ? <EraseWorkstation close={close} /> : null}
    </Section>
  );
}

function EraseChart({ close, erased }: { close: () => void; erased: () => void }) {
  const platform = usePlatform();
  const { charts, move } = useDesk();
  const [text, setText] = useState('');
  const patient = text.trim();
  const run = async (passphrase: string) => {
    await platform.call('erase_chart', { passphrase, patient });
    charts.drop(patient);
    move({ to: 'close', patient });
    erased();
  };
  return (
    <ConfirmDialog
      title={t('erase.chart.title')}
      button={t('erase.chart.confirm')}
      kind="danger"
      ready={patient !== ''}
      fieldFirst
      run={run}
      close={close}
      testId="erase-chart"
    >
      <p>{t('erase.chart.detail')}</p>
      <TextField label={t('column.patient_id')} hint={t('erase.chart.hint')} value={text} change={setText} {...EXACT} testId="erase-chart-patient" />
    </ConfirmDialog>
  );
}

function EraseWorkstation({ close }: { close: () => void }) {
  const platform = usePlatform();
  const { desk } = useDesk();
  const [text, setText] = useState('');
  return (
    <ConfirmDialog
      title={t('erase.workstation.title')}
      button={t('erase.workstation.confirm')}
      kind="danger"
      ready={text.trim() === desk.workstation}
      fieldFirst
      second={{
        title: t('erase.workstation.second'),
        detail: t('erase.workstation.second.detail'),
        button: t('erase.workstation.lose'),
      }}
      run={(passphrase, loseUnsent) => platform.call('erase_workstation', { passphrase, loseUnsent })}
      close={close}
      testId="erase-workstation"
    >
      <p>{t('erase.workstation.detail')}</p>
      <TextField
        label={t('erase.workstation.name')}
        hint={
          <>
            {t('erase.workstation.hint')} <strong className="typed-name">{desk.workstation}</strong>
          </>
        }
        value={text}
        change={setText}
        {...EXACT}
        testId="erase-workstation-name"
      />
    </ConfirmDialog>
  );
}
