import { type Ref, useId, useState } from 'react';
import { t } from '../words';
import { Button } from './Button';

/** A passphrase, hidden unless asked; never kept by the browser's form memory. */
export function PassphraseField({
  label,
  value,
  change,
  testId,
  hint,
  invalid = false,
  autoFocus = false,
  disabled = false,
  inputRef,
}: {
  label: string;
  value: string;
  change: (value: string) => void;
  testId: string;
  hint?: string;
  invalid?: boolean;
  autoFocus?: boolean;
  disabled?: boolean;
  inputRef?: Ref<HTMLInputElement>;
}) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        <input
          ref={inputRef}
          id={id}
          className="input"
          type={shown ? 'text' : 'password'}
          value={value}
          onChange={(event) => change(event.target.value)}
          onKeyUp={(event) => setCapsLock(event.getModifierState('CapsLock'))}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          autoFocus={autoFocus}
          disabled={disabled}
          aria-invalid={invalid}
          aria-describedby={`${id}-hint`}
          data-testid={testId}
          dir="auto"
        />
        <Button kind="quiet" onPress={() => setShown(!shown)} aria-pressed={shown}>
          {shown ? t('passphrase.hide') : t('passphrase.show')}
        </Button>
      </div>
      <p id={`${id}-hint`} className="soft">
        {capsLock ? <strong className="caps-lock">{t('passphrase.caps_lock')} </strong> : null}
        {hint}
      </p>
    </div>
  );
}
