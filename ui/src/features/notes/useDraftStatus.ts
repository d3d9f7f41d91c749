import { useSyncExternalStore } from 'react';
import type { Draft, DraftStatus } from './draft';

export function useDraftStatus(draft: Draft): DraftStatus {
  return useSyncExternalStore(draft.watch, draft.status);
}
