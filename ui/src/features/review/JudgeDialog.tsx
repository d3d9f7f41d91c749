import { type SubmitEvent, useId, useState } from 'react';
import type { ReviewRow } from '../../platform/bindings/ReviewRow';
import { usePlatform } from '../../platform/context';
import { useAct } from '../../shared/act';
import { Button } from '../../shared/Button';
import { Dialog } from '../../shared/Dialog';
import { FailureNotice } from '../../shared/FailureNotice';
import { t, wordsOf } from '../../words';
import { nameOf } from './columns';
import type { Judgement } from './judgements';

/** A judgement and the words that go with it, which no stray click or Escape loses. It holds only on the version that was shown. */
export function JudgeDialog({ row, judgement, close, done }: { row: ReviewRow; judgement: Judgement; close: () => void; done: () => void }) {
  const platform = usePlatform();
  const field = useId();
  const [note, setNote] = useState('');
  const { working, failure, run } = useAct();
  const ready = note.trim() !== '' && !working;

  const judge = async () => {
    if (!ready) return;
    await run(async () => {
      await platform.call('judge_review', { request: { task: row.task, version: row.version, judgement, note: note.trim() } });
      done();
    });
  };

  return (
    <Dialog title={wordsOf('review.judgement', judgement)} close={close} insistent={note.trim() !== ''} testId="review-judge">
      <form
        className="review-judge"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void judge();
        }}
      >
        <p>
          <bdi>{nameOf(row)}</bdi> · {wordsOf('break_glass.reason', row.reason)}
        </p>
        <p dir="auto">“{row.text}”</p>
        <div className="field">
          <label htmlFor={field}>{t('review.note')}</label>
          <textarea
            id={field}
            className="input"
            rows={3}
            dir="auto"
            autoFocus
            value={note}
            data-testid="review-note"
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void judge();
            }}
          />
        </div>
        {failure === undefined ? null : <FailureNotice failure={failure} />}
        <div className="dialog-actions">
          <Button onPress={close}>{t('common.cancel')}</Button>
          <Button type="submit" kind="primary" isDisabled={!ready} testId="review-judge-done">
            {t('review.judge')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
