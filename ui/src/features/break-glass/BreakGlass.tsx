import { type SubmitEvent, useId, useState } from 'react';
import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { useNow } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useProof } from '../step-up/proof';
import { ProofFields } from '../step-up/ProofFields';
import './break-glass.css';

/** The core takes no shorter reason, in characters. */
const SHORTEST = 8;

/** Asks why this chart must be opened outside ordinary access. The core decides, and writes it down before it opens. */
export function BreakGlass({ patient, name }: { patient: string; name: string }) {
  const platform = usePlatform();
  const { charts, move, desk } = useDesk();
  const now = useNow(30_000);
  const lapsed = desk.lease_until !== null && new Date(desk.lease_until).getTime() < now;
  const reasons = useAsk('break-glass reasons', () => platform.call('break_glass_reasons'));
  const words = useId();
  const proof = useProof(desk.token);
  const [reason, setReason] = useState<string>();
  const [text, setText] = useState('');
  const ready = reason !== undefined && Array.from(text.trim()).length >= SHORTEST && proof.ready;

  const open = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready) return;
    await proof.act(async (passphrase) => {
      await platform.call('break_glass', { request: { patient, passphrase, reason, text: text.trim() } });
      await charts.read(patient);
    });
  };

  const leave = () => {
    charts.drop(patient);
    move({ to: 'close', patient });
  };

  return (
    <form className="break-glass" data-testid="break-glass" onSubmit={(event) => void open(event)} aria-labelledby={`${words}-title`}>
      <h2 id={`${words}-title`}>{t('break_glass.title')}</h2>
      <p className="break-glass-name">
        <bdi>{name}</bdi>
      </p>
      <p>{t('break_glass.why')}</p>
      {lapsed ? (
        <p className="notice" data-tone="info">
          <span>{t('break_glass.lapsed')}</span>
        </p>
      ) : null}
      <p className="notice" data-tone="warn">
        <span>{t('break_glass.recorded')}</span>
      </p>
      {reasons.failure === undefined ? null : <FailureNotice failure={reasons.failure} again={reasons.again} brief />}
      <fieldset
        className="break-glass-reasons"
        onKeyDown={(event) => {
          const chosen = reasons.data?.find(({ key }) => key.toLowerCase() === event.key.toLowerCase());
          if (chosen === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
          event.preventDefault();
          setReason(chosen.code);
          document.getElementById(`${words}-text`)?.focus();
        }}
      >
        <legend>{t('break_glass.reason')}</legend>
        {(reasons.data ?? []).map(({ code, key }, index) => (
          <label key={code} className="break-glass-reason" data-chosen={reason === code}>
            <input
              type="radio"
              name={`${words}-reason`}
              value={code}
              checked={reason === code}
              autoFocus={index === 0}
              onChange={() => setReason(code)}
              data-testid={`bg-reason-${code}`}
            />
            <kbd className="key">{key.toUpperCase()}</kbd>
            <span>{wordsOf('break_glass.reason', code)}</span>
          </label>
        ))}
      </fieldset>
      <div className="field">
        <label htmlFor={`${words}-text`}>{t('break_glass.text')}</label>
        <textarea
          id={`${words}-text`}
          className="input"
          rows={2}
          dir="auto"
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby={`${words}-hint`}
          data-testid="bg-text"
        />
        <p id={`${words}-hint`} className="soft">
          {t('break_glass.text.hint', { n: SHORTEST })}
        </p>
      </div>
      <ProofFields proof={proof} label={t('break_glass.passphrase')} testId="bg-passphrase" />
      <div className="dialog-actions">
        <Button onPress={leave}>{t('break_glass.leave')}</Button>
        <Button type="submit" kind="danger" isDisabled={!ready} testId="bg-open">
          {t('break_glass.open')}
        </Button>
      </div>
    </form>
  );
}
