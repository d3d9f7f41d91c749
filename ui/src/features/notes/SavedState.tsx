import { clockTime } from '../../shared/time';
import { t } from '../../words';
import type { DraftStatus } from './draft';

/** Where the text stands. "Saved" is said only when the core acknowledged exactly what is on screen. */
export function SavedState({ status }: { status: DraftStatus }) {
  const words =
    status.state === 'saved'
      ? t('notes.saved', { time: clockTime(status.savedAt) })
      : status.state === 'failed'
        ? t('notes.not_saved')
        : t('notes.saving');
  return (
    <span className="note-saved" role="status" data-state={status.state} data-testid="note-saved-state">
      {words}
    </span>
  );
}
