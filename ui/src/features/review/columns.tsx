import type { ReviewRow } from '../../platform/bindings/ReviewRow';
import { Button } from '../../shared/Button';
import type { Column } from '../../shared/Rows';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { JUDGEMENTS, type Judgement } from './judgements';

/** The queue's columns. */
export function columns(judge: (judgement: Judgement, row: ReviewRow) => void, close: (row: ReviewRow) => void): Column<ReviewRow>[] {
  return [
    {
      id: 'when',
      name: t('column.when'),
      width: 'minmax(8.5rem, 0.9fr)',
      cell: (row) => (
        <>
          {dateTime(row.began)} <span className="soft">{row.ended === null ? t('review.not_ended') : t('review.until', { when: dateTime(row.ended) })}</span>
        </>
      ),
    },
    { id: 'who', name: t('column.who'), width: 'minmax(8rem, 1.2fr)', cell: (row) => <bdi>{nameOf(row)}</bdi> },
    { id: 'patient', name: t('column.patient'), width: 'minmax(8rem, 1.2fr)', cell: (row) => <bdi>{row.patient_name ?? row.patient}</bdi> },
    { id: 'purpose', name: t('column.purpose'), width: 'minmax(7rem, 1fr)', cell: (row) => wordsOf('break_glass.reason', row.reason) },
    {
      id: 'number',
      name: t('review.number'),
      width: 'minmax(7rem, 0.9fr)',
      cell: (row) => (
        <span className="tag" data-tone={row.worth === 'good' ? 'plain' : 'danger'}>
          {row.worth === 'good' ? row.number : wordsOf('review.worth', row.worth)}
        </span>
      ),
    },
    {
      id: 'state',
      name: t('column.state'),
      width: 'minmax(7rem, 0.9fr)',
      cell: (row) => (
        <span className="tag" data-tone={row.state === 'waiting' ? 'warn' : row.judgement === 'inappropriate' ? 'danger' : 'plain'}>
          {row.state === 'waiting' || row.judgement === null
            ? wordsOf('review.state', row.state)
            : `${wordsOf('review.judgement', row.judgement)} · ${wordsOf('review.state', row.state)}`}
        </span>
      ),
    },
    {
      id: 'action',
      name: t('column.action'),
      width: 'minmax(11rem, 1.4fr)',
      cell: (row) =>
        row.state === 'closed' ? null : (
          <span className="review-actions">
            {JUDGEMENTS.map(({ code, key }) => (
              <Button
                key={code}
                onPress={() => judge(code, row)}
                testId={`review-${code}-${row.task}`}
                aria-label={`${key.toUpperCase()} ${wordsOf('review.short', code)}: ${wordsOf('review.judgement', code)}, ${nameOf(row)}`}
              >
                <kbd className="key">{key.toUpperCase()}</kbd> {wordsOf('review.short', code)}
              </Button>
            ))}
            {row.state === 'judged' ? (
              <Button onPress={() => close(row)} testId={`review-close-${row.task}`}>
                <kbd className="key">X</kbd> {t('review.close')}
              </Button>
            ) : null}
          </span>
        ),
    },
  ];
}

/** Who broke the glass; the id where the name is not known. */
export function nameOf({ user, user_name: name }: ReviewRow): string {
  return name === '' ? user : name;
}
