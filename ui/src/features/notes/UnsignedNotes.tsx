import { Button } from '../../shared/Button';
import { t, wordsOf } from '../../words';
import { useDesk, useDrafts } from '../desk/DeskContext';

const FIRST_WORDS = 120;

/** This clinician's unsigned notes stand above everything else of the chart: they wait for a signature. */
export function UnsignedNotes({ patient, open }: { patient: string; open: string | null }) {
  const { move } = useDesk();
  const waiting = useDrafts(patient).filter(({ id }) => id !== open);
  if (waiting.length === 0) return null;
  return (
    <ul className="draft-list" aria-label={t('notes.drafts')}>
      {waiting.map((draft) => (
        <li key={draft.id}>
          <span className="tag" data-tone="warn">
            {t('notes.unsigned')}
          </span>
          <span className="grow draft-words" dir="auto">
            <strong>{wordsOf('note_type', draft.noteType)}</strong> {draft.text.slice(0, FIRST_WORDS)}
          </span>
          <Button onPress={() => move({ to: 'draft', patient, draft: draft.id })} testId={`draft-open-${draft.id}`}>
            {t('notes.continue')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
