import { useCallback } from 'react';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { goToSection } from '../chart/navigation';
import { SECTIONS } from '../chart/sections';
import { type NoteCode, noteKinds } from '../notes/types';
import { useDesk, useSync } from './DeskContext';
import type { Theme } from './workspace';

const NEXT_THEME: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

/** Runs an action of `actions.ts` by its id. */
export function useActions(): (id: string) => void {
  const platform = usePlatform();
  const { desk, workspace, move, charts, drafts, show, lock } = useDesk();
  const { syncIs } = useSync();

  return useCallback(
    (id: string) => {
      const front = workspace.page === 'chart' ? workspace.front : null;
      const attempt = (work: Promise<unknown>) => {
        work.catch((reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }));
      };
      /** The action works on the chart in front; without one there is nothing to do. */
      const onChart = (work: (patient: string) => unknown) => () => {
        if (front !== null) work(front);
      };
      const startNote = (noteType: NoteCode) =>
        onChart((patient) =>
          attempt(drafts.start(patient, noteType).then((draft) => move({ to: 'draft', patient, draft: draft.id }))),
        );

      const actions: Record<string, () => void> = {
        palette: () => show({ kind: 'palette' }),
        keys: () => show({ kind: 'keys' }),
        search: () => {
          move({ to: 'rail', on: true });
          focusSoon('[data-testid=search]');
        },
        schedule: () => {
          move({ to: 'rail', on: true });
          focusSoon('.schedule-line:not(:disabled)');
        },
        pin: onChart((patient) => {
          const pinned = charts.get(patient).opened?.pinned ?? false;
          attempt(platform.call('pin_patient', { patient, pinned: !pinned }).then(() => charts.read(patient)));
        }),
        reread: onChart((patient) => charts.read(patient)),
        tab_close: onChart((patient) => {
          attempt(drafts.flush());
          charts.drop(patient);
          move({ to: 'close', patient });
        }),
        sync_now: () => attempt(platform.call('sync_now').then(syncIs)),
        outbox: () => move({ to: 'page', page: 'outbox' }),
        audit: () => move({ to: 'page', page: 'audit' }),
        review: () => move({ to: 'page', page: 'review' }),
        workstation: () => move({ to: 'page', page: 'workstation' }),
        about: () => move({ to: 'page', page: 'about' }),
        rail: () => move({ to: 'rail', on: !workspace.rail }),
        theme: () => move({ to: 'theme', theme: NEXT_THEME[workspace.theme] }),
        single_keys: () => move({ to: 'singleKeys', on: !workspace.singleKeys }),
        join: () => show({ kind: 'join' }),
        change_passphrase: () => show({ kind: 'change_passphrase' }),
        security_keys: () => show({ kind: 'security_keys' }),
        lock: () => lock(),
      };
      // Of kinds that the role may not sign, the keys know nothing either.
      const notes = noteKinds(desk.may);
      for (const code of notes) actions[`note_new_${code}`] = startNote(code);
      if (notes[0] !== undefined) actions['note_new'] = startNote(notes[0]);
      for (const section of SECTIONS) actions[`section_${section.id}`] = () => goToSection(section.id);
      actions[id]?.();
    },
    [platform, desk.may, workspace, move, charts, drafts, show, lock, syncIs],
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
