import { type ReactNode, useState } from 'react';
import type { TokenView } from '../platform/bindings/TokenView';
import { usePlatform } from '../platform/context';
import type { CommandFailed, ErrorCode } from '../platform/failure';
import { t } from '../words';
import { PassphraseField } from './PassphraseField';

const REFUSED: readonly ErrorCode[] = ['pin_needed', 'wrong_pin', 'wrong_pin_last_try', 'pin_locked'];

/** The PIN of the token that keeps this workstation's secret, wherever a person proves who they are; nothing where there is none. */
export interface TokenPin {
  /** The field, to stand below the passphrase's. */
  field: (how: { working: boolean; failure: CommandFailed | undefined }) => ReactNode;
  /** Whether it is filled in. */
  ready: boolean;
  /** Hands it to the core for the command that follows, and forgets it. */
  give: () => Promise<void>;
}

export function useTokenPin(token: TokenView | null): TokenPin {
  const platform = usePlatform();
  const [pin, setPin] = useState('');
  if (token === null) return { field: () => null, ready: true, give: () => Promise.resolve() };
  return {
    ready: pin !== '',
    give: async () => {
      setPin('');
      await platform.call('token_pin', { pin });
    },
    field: ({ working, failure }) => (
      <PassphraseField
        label={token.label === null ? t('token.pin') : t('token.pin.of', { label: token.label })}
        hint={t('token.pin.hint')}
        value={pin}
        change={setPin}
        testId="token-pin"
        invalid={failure !== undefined && REFUSED.includes(failure.code)}
        disabled={working}
      />
    ),
  };
}
