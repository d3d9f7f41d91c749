import { createContext, useContext } from 'react';

/** Whether the chart in front was fetched completely at least once: only then does an empty list mean that nothing is recorded. */
const Complete = createContext(false);

export const CompleteProvider = Complete.Provider;

export function useComplete(): boolean {
  return useContext(Complete);
}
