import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import type { DraftView } from '../../platform/bindings/DraftView';
import { date, source, time } from '../charts';
import type { Core, Handlers } from './core';
import { holder } from './securityKeys';

/** Drafts, and what becomes of a signed one. */
export function notes(core: Core) {
  const draft = (id: string) => core.drafts.find((one) => one.draft === id) ?? core.fail('not_found');
  return {
    start_note: ({ patient, noteType }) => {
      core.person(patient);
      const view: DraftView = {
        draft: `draft-${core.next()}`,
        patient,
        note_type: noteType,
        text: '',
        caret: 0,
        revision: 0,
        saved_at: new Date().toISOString(),
      };
      core.drafts.push(view);
      return view;
    },
    save_draft: ({ request }) => {
      const view = draft(request.draft);
      if (view.patient !== request.patient) core.fail('wrong_patient');
      if (view.revision !== request.revision) core.fail('draft_conflict');
      Object.assign(view, { text: request.text, caret: request.caret, revision: view.revision + 1, saved_at: new Date().toISOString() });
      return { revision: view.revision };
    },
    discard_draft: ({ draft: id }) => {
      draft(id);
      core.drafts = core.drafts.filter((one) => one.draft !== id);
      return null;
    },
    sign_note: async ({ patient, draft: id, revision, passphrase }) => {
      if (passphrase !== null) core.reauthenticate(passphrase);
      const view = draft(id);
      if (core.user.security_key) await holder(core, 'sign', [{ label: 'Patient', value: core.person(patient).name }, { label: 'Text', value: view.text }]);
      if (view.revision !== revision) core.fail('draft_conflict');
      if (view.text.trim() === '') core.fail('empty_note');
      const noteId = `note-${core.next()}`;
      core.texts.set(noteId, view.text);
      const row: DocumentRow = {
        source: source('DocumentReference', noteId, 'local_only'),
        title: 'Progress note',
        when: `${date(core.now)} ${time(core.now)}`,
        author: core.user.name,
        status: 'current',
        content_type: 'text/plain',
        excerpt: view.text.slice(0, 80),
        note: true,
      };
      core.signed.set(patient, [row, ...(core.signed.get(patient) ?? [])]);
      core.drafts = core.drafts.filter((one) => one.draft !== id);
      core.outbox.push({
        entry: core.next(),
        patient,
        name: core.person(patient).name,
        kind: 'DocumentReference',
        id: noteId,
        state: 'local_only',
        reason: null,
        attempts: 0,
        entered_at: new Date(core.now).toISOString(),
      });
      core.setSync({ waiting: { ...core.sync.waiting, local_only: core.sync.waiting.local_only + 1 } });
      if (core.delay > 0) deliver(core, patient, row);
      return { id: noteId, patient };
    },
    unsigned_notes: () =>
      core.drafts.map((one) => ({
        draft: one.draft,
        patient: one.patient,
        name: core.person(one.patient).name,
        note_type: one.note_type,
        saved_at: one.saved_at,
      })),
  } satisfies Partial<Handlers>;
}

/** A signed note goes its way, as the core would report it. */
function deliver(core: Core, patient: string, row: DocumentRow): void {
  const step = (state: 'sending' | 'synced', after: number) =>
    setTimeout(() => {
      row.source = { ...row.source, state };
      const entry = core.outbox.find((one) => one.id === row.source.id);
      if (entry !== undefined) entry.state = state;
      if (state === 'synced') core.outbox.splice(core.outbox.findIndex((one) => one.id === row.source.id), 1);
      core.setSync({
        waiting: {
          ...core.sync.waiting,
          local_only: core.outbox.filter((one) => one.state === 'local_only').length,
          sending: core.outbox.filter((one) => one.state === 'sending').length,
        },
      });
      core.emit('chart-changed', { patient });
    }, after);
  step('sending', 2000);
  step('synced', 4000);
}
