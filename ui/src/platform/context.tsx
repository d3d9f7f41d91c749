import { createContext, useContext, useEffect, useEffectEvent } from 'react';
import type { EventName, Events, Platform } from './commands';

const PlatformContext = createContext<Platform | null>(null);

export const PlatformProvider = PlatformContext.Provider;

export function usePlatform(): Platform {
  const platform = useContext(PlatformContext);
  if (platform === null) throw new Error('outside PlatformProvider');
  return platform;
}

/** Calls `handler` for each such event of the core while the component is mounted. */
export function useCoreEvent<E extends EventName>(event: E, handler: (payload: Events[E]) => void): void {
  const platform = usePlatform();
  const onEvent = useEffectEvent(handler);
  useEffect(() => platform.listen(event, (payload) => onEvent(payload)), [platform, event]);
}
