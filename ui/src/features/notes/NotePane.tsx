import { useRef, useState } from 'react';
import type { Banner } from '../../platform/bindings/Banner';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t, wordsOf } from '../../words';
import { useDesk, useDrafts } from '../desk/DeskContext';
import { DiscardDialog } from './DiscardDialog';
import { Editor, insertText } from './Editor';
import { SavedState } from './SavedState';
import { SignDialog } from './SignDialog';
import { SOAP } from './types';
import { useDraftStatus } from './useDraftStatus';
import type { Draft } from './draft';
import './notes.css';

/** The draft beside its chart. It names its patient, and everything it does goes to that patient. */
export function NotePane({
  patient,
  draftId,
  banner,
  signed,
}: {
  patient: string;
  draftId: string;
  banner: Banner;
  /** Told in words what was signed. */
  signed: (words: string) => void;
}) {
  const { drafts, move } = useDesk();
  const all = useDrafts(patient);
  const draft = drafts.get(draftId);
  const close = () => move({ to: 'draft', patient, draft: null });

  // INVARIANT: a draft is shown only in the chart it belongs to.
  if (draft?.patient !== patient) {
    return (
      <section className="note" aria-label={t('notes.pane')}>
        <p className="soft">{t('notes.gone')}</p>
        <Button onPress={close}>{t('common.close')}</Button>
      </section>
    );
  }
  return <OpenDraft key={draft.id} draft={draft} others={all} banner={banner} close={close} signed={signed} />;
}

function OpenDraft({
  draft,
  others,
  banner,
  close,
  signed,
}: {
  draft: Draft;
  others: readonly Draft[];
  banner: Banner;
  close: () => void;
  signed: (words: string) => void;
}) {
  const { drafts, move, charts } = useDesk();
  const [asking, setAsking] = useState<'sign' | 'discard'>();
  const [failure, setFailure] = useState<CommandFailed>();
  const area = useRef<HTMLTextAreaElement>(null);
  const status = useDraftStatus(draft);

  const headings = () => {
    const before = draft.text === '' || draft.text.endsWith('\n\n') ? '' : '\n\n';
    insertText(area.current, before + SOAP.map((part) => `${t(`soap.${part}`)}\n\n`).join(''));
  };
  const fork = () => {
    drafts.fork(draft).then(
      (copy) => move({ to: 'draft', patient: copy.patient, draft: copy.id }),
      (reason: unknown) => setFailure(failureFrom(reason)),
    );
  };

  return (
    <section className="note" aria-label={t('notes.pane')}>
      <header className="side-head">
        <div className="grow">
          <h2>{wordsOf('note_type', draft.noteType)}</h2>
          <p className="note-for">
            <bdi>{banner.name}</bdi>
          </p>
        </div>
        {others.length > 1 ? (
          <label className="note-others">
            <span className="visually-hidden">{t('notes.drafts')}</span>
            <select
              className="input"
              value={draft.id}
              onChange={(event) => move({ to: 'draft', patient: draft.patient, draft: event.target.value })}
            >
              {others.map((other, index) => (
                <option key={other.id} value={other.id}>
                  {t('notes.draft_of', { n: index + 1, of: others.length, type: wordsOf('note_type', other.noteType) })}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <Button kind="quiet" aria-label={t('notes.close')} onPress={close} testId="note-close">
          ×
        </Button>
      </header>
      <Editor area={area} draft={draft} sign={() => setAsking('sign')} label={t('notes.editor', { name: banner.name })} />
      {status.failure === undefined ? null : (
        <FailureNotice failure={status.failure} again={() => draft.retry()} testId="note-failure" />
      )}
      {status.failure?.code === 'draft_conflict' ? <Button onPress={fork}>{t('notes.fork')}</Button> : null}
      {failure === undefined ? null : <FailureNotice failure={failure} />}
      <footer className="note-foot">
        <SavedState status={status} />
        <span className="grow" />
        <Button kind="quiet" onPress={headings} testId="note-headings">
          {t('notes.headings')}
        </Button>
        <Button kind="quiet" onPress={() => setAsking('discard')} testId="note-discard">
          {t('notes.discard')}
        </Button>
        <Button kind="primary" onPress={() => setAsking('sign')} testId="note-sign">
          {t('notes.sign')} <kbd className="key">{t('notes.sign.key')}</kbd>
        </Button>
      </footer>
      {asking === 'sign' ? (
        <SignDialog
          draft={draft}
          banner={banner}
          close={() => setAsking(undefined)}
          signed={() => {
            close();
            signed(t('notes.signed', { type: wordsOf('note_type', draft.noteType) }));
            void charts.read(draft.patient);
          }}
        />
      ) : null}
      {asking === 'discard' ? (
        <DiscardDialog
          draft={draft}
          banner={banner}
          close={() => setAsking(undefined)}
          discarded={close}
        />
      ) : null}
    </section>
  );
}
