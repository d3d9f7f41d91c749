import { type SubmitEvent, useId, useState } from 'react';
import type { SecurityKeyPrompt as Prompt } from '../../platform/bindings/SecurityKeyPrompt';
import { useCoreEvent, usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t, wordsOf } from '../../words';
import './security-key.css';

/** Over whatever is open: what the core asks of whoever holds a security key, what they sign, and the way out. */
export function SecurityKeyPrompt() {
  const platform = usePlatform();
  const [prompt, setPrompt] = useState<Prompt | null>(null);
  useCoreEvent('security-key', setPrompt);
  useCoreEvent('locked', () => setPrompt(null));
  if (prompt === null) return null;

  // What was given up, or is over by itself, the core says.
  const cancel = () => void platform.call('cancel_security_key').catch(() => undefined);
  const answer = (pin: string | null) => void platform.call('answer_security_key', { pin }).catch(() => setPrompt(null));
  const emergency = prompt.act === 'break_glass';
  return (
    <Dialog title={wordsOf('security_key.for', prompt.act)} close={cancel} role="alertdialog" testId="security-key">
      <div className="stack">
        {prompt.act === 'unlock' ? null : <Lines prompt={prompt} />}
        <Step prompt={prompt} answer={answer} />
        {emergency ? <p className="soft">{t('security_key.without.detail')}</p> : null}
        <div className="dialog-actions">
          <Button onPress={cancel} testId="security-key-cancel">
            {t(emergency ? 'security_key.without' : 'common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** INVARIANT: every line that is signed, as it is signed, and nothing else. */
function Lines({ prompt: { lines } }: { prompt: Prompt }) {
  return (
    <dl className="pairs security-key-lines" data-testid="security-key-lines">
      {lines.map(({ label, value }, number) => (
        <div key={number} className="security-key-line">
          <dt>{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Step({ prompt: { step }, answer }: { prompt: Prompt; answer: (pin: string | null) => void }) {
  switch (step.step) {
    case 'touch':
      return (
        <p role="status" data-testid="security-key-touch">
          <strong>{t('security_key.touch')}</strong> {t('security_key.touch.detail')}
        </p>
      );
    case 'pin':
      // A wrong PIN brings a new, empty field.
      return <Pin key={step.tries_left} triesLeft={step.tries_left} wrong={step.wrong} answer={answer} />;
    case 'insert':
      return (
        <div className="stack">
          <p role="status">{t('security_key.insert')}</p>
          <div>
            <Button kind="primary" autoFocus onPress={() => answer(null)} testId="security-key-inserted">
              {t('security_key.inserted')}
            </Button>
          </div>
        </div>
      );
  }
}

function Pin({ triesLeft, wrong, answer }: { triesLeft: number; wrong: boolean; answer: (pin: string | null) => void }) {
  const id = useId();
  const [pin, setPin] = useState('');
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (pin === '') return;
    answer(pin);
    setPin('');
  };
  return (
    <form className="stack" onSubmit={send}>
      <div className="field">
        <label htmlFor={id}>{t('security_key.pin')}</label>
        <input
          id={id}
          className="input"
          type="password"
          value={pin}
          onChange={(event) => setPin(event.target.value)}
          autoComplete="off"
          spellCheck={false}
          autoFocus
          aria-invalid={wrong}
          aria-describedby={`${id}-hint`}
          data-testid="security-key-pin"
        />
        <p id={`${id}-hint`} className="soft" role="status">
          {wrong ? <strong>{t('security_key.pin.wrong')} </strong> : null}
          {t('security_key.pin.tries', { n: triesLeft })}
        </p>
      </div>
      <div>
        <Button type="submit" kind="primary" isDisabled={pin === ''} testId="security-key-pin-go">
          {t('security_key.pin.go_on')}
        </Button>
      </div>
    </form>
  );
}
