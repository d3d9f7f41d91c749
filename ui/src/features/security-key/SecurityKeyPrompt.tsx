import { type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import type { SecurityKeyPrompt as Prompt } from '../../platform/bindings/SecurityKeyPrompt';
import { useCoreEvent, usePlatform } from '../../platform/context';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { t, wordsOf } from '../../words';
import './security-key.css';

/** A question about the same thing this soon after a touch belongs to the same ceremony: nobody's hands are so quick. */
const SAME_CEREMONY_MS = 1_500;

/** Over whatever is open: what the core asks of whoever holds a security key, what they sign, and the way out. */
export function SecurityKeyPrompt() {
  const platform = usePlatform();
  const [prompt, setPrompt] = useState<Prompt | null>(null);
  /** What was asked last, and when that was over. */
  const last = useRef<{ prompt: Prompt; ended?: number }>(undefined);
  const [again, setAgain] = useState(false);
  useCoreEvent('security-key', (next) => {
    const now = performance.now();
    const before = last.current;
    if (next === null) {
      if (before !== undefined) before.ended = now;
    } else {
      if (before?.ended !== undefined) {
        const touched = before.prompt.step.step === 'touch' && about(before.prompt) === about(next);
        setAgain(touched && now - before.ended < SAME_CEREMONY_MS);
      }
      last.current = { prompt: next };
    }
    setPrompt(next);
  });
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
        <Step prompt={prompt} again={again} answer={answer} />
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

function about({ act, lines }: Prompt): string {
  return JSON.stringify([act, lines]);
}

/** INVARIANT: every line that is signed, as it is signed, and nothing else. */
function Lines({ prompt: { lines } }: { prompt: Prompt }) {
  return (
    <dl className="pairs security-key-lines" tabIndex={0} aria-label={t('security_key.lines')} data-testid="security-key-lines">
      {lines.map(({ label, value }, number) => (
        <div key={number} className="security-key-line">
          <dt>{label}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Step({ prompt: { step }, again, answer }: { prompt: Prompt; again: boolean; answer: (pin: string | null) => void }) {
  switch (step.step) {
    case 'touch':
      return (
        <p role="status" data-testid="security-key-touch">
          <strong>{t('security_key.touch')}</strong> {t('security_key.touch.detail')}
        </p>
      );
    case 'pin':
      // A wrong PIN brings a new, empty field.
      return <Pin key={step.tries_left} triesLeft={step.tries_left} wrong={step.wrong} again={again} answer={answer} />;
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

function Pin({ triesLeft, wrong, again, answer }: { triesLeft: number; wrong: boolean; again: boolean; answer: (pin: string | null) => void }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  // The button that was pressed beneath is disabled as this opens, and the focus falls off it some frames later.
  useEffect(() => {
    const timers = [0, 100, 700].map((late) =>
      setTimeout(() => {
        const focused = document.activeElement;
        if (focused === null || focused === document.body || focused.matches('[role=alertdialog]')) field.current?.focus();
      }, late),
    );
    return () => timers.forEach(clearTimeout);
  }, []);
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
          ref={field}
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
          {again ? <strong>{t('security_key.pin.again')} </strong> : null}
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
