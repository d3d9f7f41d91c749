import { type RefObject, useRef, useState } from 'react';
import type { TokenView } from '../../platform/bindings/TokenView';
import type { CommandFailed } from '../../platform/failure';
import { type Act, useAct } from '../../shared/act';
import { useCountdown } from '../../shared/time';
import { type TokenPin, useTokenPin } from '../../shared/TokenPin';

/** What a person proves who they are with, for one command; `ProofFields` shows it. A security key the core asks for by itself. */
export interface Proof extends Pick<Act, 'working' | 'failure'> {
  passphrase: string;
  change: (passphrase: string) => void;
  pin: TokenPin;
  /** Whether a passphrase is asked for. */
  asked: boolean;
  /** Seconds until the core takes another try. */
  wait: number;
  /** All that is asked for is given, and a try may be made now. */
  ready: boolean;
  field: RefObject<HTMLInputElement | null>;
  /** Forgets the passphrase, and takes the next one. */
  clear: () => void;
  /**
   * As `Act.run`: hands the PIN over and does `work` with the passphrase, which is empty where none is asked for. Whatever comes of it,
   * passphrase and PIN are forgotten; only a security key that is not plugged in costs no typing.
   */
  act: (work: (passphrase: string) => Promise<unknown>, instead?: (refused: CommandFailed) => boolean) => Promise<void>;
}

export function useProof(
  token: TokenView | null,
  {
    takes = 'always',
    pinAlone = false,
    before,
  }: {
    /** When the passphrase is asked for: `on_request` is once the core says that it is needed. */
    takes?: 'always' | 'on_request' | 'never';
    /** The PIN is needed where the passphrase is not. */
    pinAlone?: boolean;
    /** What was refused before this was shown. */
    before?: CommandFailed | undefined;
  } = {},
): Proof {
  const field = useRef<HTMLInputElement>(null);
  const [requested, setRequested] = useState(false);
  const asked = takes === 'always' || (takes === 'on_request' && requested);
  const [passphrase, change] = useState('');
  const { working, failure, run } = useAct(before);
  // INVARIANT: a passphrase is proved together with the workstation's secret, so that a token's PIN goes with every one.
  const pin = useTokenPin(asked || pinAlone ? token : null);
  const wait = useCountdown(failure?.retryAfterSeconds ?? 0, failure);
  const ready = (!asked || passphrase !== '') && pin.ready && wait === 0 && !working;

  const clear = () => {
    change('');
    field.current?.focus();
  };
  const act: Proof['act'] = async (work, instead) => {
    if (!ready) return;
    const proved = async () => {
      await pin.give();
      await work(passphrase);
    };
    const refusal: { code?: string } = {};
    const done = await run(proved, (refused) => {
      refusal.code = refused.code;
      if (refused.code === 'passphrase_needed') setRequested(true);
      return instead?.(refused) ?? false;
    });
    if (refusal.code !== 'security_key_absent') change('');
    if (done) setRequested(false);
    // Once it may be typed into again.
    else requestAnimationFrame(() => field.current?.focus());
  };
  return { passphrase, change, pin, asked, working, failure, wait, ready, field, clear, act };
}
