import { useCallback } from 'react';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { goToSection } from '../chart/navigation';
import { NOTE_TYPES } from '../notes/types';
import { useDesk } from './DeskContext';
import type { Theme } from './workspace';

const NEXT_THEME: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

/** Runs an action of `actions.ts` by its id. */
export function useActions(): (id: string) => void {
  const platform = usePlatform();
  const { workspace, move, charts, drafts, show, lock, syncIs } = useDesk();

  return useCallback(
    (id: string) => {
      const front = workspace.page === 'chart' ? workspace.front : null;
      const attempt = (work: Promise<unknown>) => {
        work.catch((reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }));
      };
      const startNote = (noteType: string) => {
        if (front === null) return;
        attempt(drafts.start(front, noteType).then((draft) => move({ to: 'draft', patient: front, draft: draft.id })));
      };

      if (id.startsWith('section_')) return goToSection(id.slice('section_'.length));
      if (id.startsWith('note_new_')) return startNote(id.slice('note_new_'.length));
      switch (id) {
        case 'palette':
          return show({ kind: 'palette' });
        case 'keys':
          return show({ kind: 'keys' });
        case 'search':
          move({ to: 'rail', on: true });
          return focusSoon('[data-testid=search]');
        case 'schedule':
          move({ to: 'rail', on: true });
          return focusSoon('[data-testid=schedule] button');
        case 'note_new':
          return startNote(NOTE_TYPES[0].code);
        case 'pin': {
          if (front === null) return;
          const pinned = charts.get(front).opened?.pinned ?? false;
          return attempt(platform.call('pin_patient', { patient: front, pinned: !pinned }).then(() => charts.read(front)));
        }
        case 'reread':
          return front === null ? undefined : attempt(charts.read(front));
        case 'tab_close':
          if (front === null) return;
          attempt(drafts.flush());
          charts.drop(front);
          return move({ to: 'close', patient: front });
        case 'sync_now':
          return attempt(platform.call('sync_now').then(syncIs));
        case 'outbox':
        case 'audit':
        case 'about':
          return move({ to: 'page', page: id });
        case 'rail':
          return move({ to: 'rail', on: !workspace.rail });
        case 'theme':
          return move({ to: 'theme', theme: NEXT_THEME[workspace.theme] });
        case 'single_keys':
          return move({ to: 'singleKeys', on: !workspace.singleKeys });
        case 'lock':
          return lock();
      }
    },
    [platform, workspace, move, charts, drafts, show, lock, syncIs],
  );
}

/** After the next drawing, so that what was just opened is there to take the focus. */
function focusSoon(selector: string): void {
  requestAnimationFrame(() => {
    const element = document.querySelector<HTMLElement>(selector);
    element?.focus();
    if (element instanceof HTMLInputElement) element.select();
  });
}
