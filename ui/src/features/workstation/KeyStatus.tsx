import { createContext, type ReactNode, useContext, useEffect, useEffectEvent, useMemo, useState } from 'react';
import type { KeyStatusView } from '../../platform/bindings/KeyStatusView';
import type { RotationView } from '../../platform/bindings/RotationView';
import { useCoreEvent, usePlatform } from '../../platform/context';
import { type Asked, useAsk } from '../../shared/ask';

/** A rotation that says nothing for so long is asked after: it may have stopped. */
const SILENCE_MS = 20_000;

const Context = createContext<Asked<KeyStatusView> | null>(null);

/** Where the keys stand, for the page and for the bar over every page; a rotation is followed as the core reports it. */
export function KeyStatusProvider({ children }: { children: ReactNode }) {
  const platform = usePlatform();
  /** What the core said after its last answer; `undefined` where it said nothing since. */
  const [heard, setHeard] = useState<RotationView | null>();
  const asked = useAsk('key status', async () => {
    const status = await platform.call('key_status');
    setHeard(undefined);
    return status;
  });
  const { again } = asked;
  const rotation = heard === undefined ? (asked.data?.rotation ?? null) : heard;

  useCoreEvent('rotation', (next) => {
    setHeard(next);
    // The generation in force is another now.
    if (next === null) again();
  });

  const askAfter = useEffectEvent(again);
  useEffect(() => {
    if (rotation === null || rotation.paused) return;
    const silence = setTimeout(() => askAfter(), SILENCE_MS);
    return () => clearTimeout(silence);
  }, [rotation]);

  const status = useMemo(
    () => (asked.data === undefined ? asked : { ...asked, data: { ...asked.data, rotation } }),
    [asked, rotation],
  );
  return <Context value={status}>{children}</Context>;
}

export function useKeyStatus(): Asked<KeyStatusView> {
  const status = useContext(Context);
  if (status === null) throw new Error('outside KeyStatusProvider');
  return status;
}
