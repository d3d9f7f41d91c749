import { useRef, useState } from 'react';
import type { ReviewRow } from '../../platform/bindings/ReviewRow';
import { usePlatform } from '../../platform/context';
import { failureFrom } from '../../platform/failure';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { Rows } from '../../shared/Rows';
import { useShortcuts } from '../../shared/shortcuts';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { columns } from './columns';
import { JudgeDialog } from './JudgeDialog';
import { JUDGEMENTS, type Judgement } from './judgements';
import { OwnEmergencies } from './OwnEmergencies';
import { Statistics } from './Statistics';
import './review.css';

/** Emergency accesses: the privacy officer's queue, which stands on the EHR, and everyone's own. */
export function Review() {
  const may = useMay();
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <div ref={scroller} className="page" data-testid="review">
      <div className="page-content">
        {may.reviewEmergencies ? <Queue scroller={scroller} /> : null}
        <OwnEmergencies scroller={scroller} />
      </div>
    </div>
  );
}

function Queue({ scroller }: { scroller: React.RefObject<HTMLDivElement | null> }) {
  const platform = usePlatform();
  const { workspace, show } = useDesk();
  const [closed, setClosed] = useState(false);
  const [next, setNext] = useState<string | null>(null);
  const [statistics, setStatistics] = useState(false);
  const [focused, setFocused] = useState<string>();
  const [judging, setJudging] = useState<{ row: ReviewRow; judgement: Judgement }>();
  const asked = useAsk(`reviews ${String(closed)} ${next ?? ''}`, () =>
    platform.call('review_queue', { query: { closed, next } }),
  );
  const { data, failure, again } = asked;
  const front = data?.rows.find(({ task }) => task === focused);

  const judge = (judgement: Judgement, row = front) => {
    if (row !== undefined && row.state !== 'closed') setJudging({ row, judgement });
  };
  const close = (row = front) => {
    if (row?.state !== 'judged') return;
    platform
      .call('close_review', { task: row.task, version: row.version })
      .then(again, (reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }));
  };
  useShortcuts(
    [...JUDGEMENTS.map(({ code, key }) => ({ keys: key, run: () => judge(code) })), { keys: 'x', run: () => close() }],
    workspace.singleKeys,
  );

  return (
    <>
      <div className="page-head">
        <h1 className="grow">{t('review.title')}</h1>
        <Button onPress={() => setStatistics(!statistics)} testId="review-statistics-toggle" aria-expanded={statistics}>
          {t('review.statistics')}
        </Button>
        <Button onPress={again}>{t('common.refresh')}</Button>
      </div>
      <p className="soft">{t('review.intro')}</p>
      <label className="review-all">
        <input
          type="checkbox"
          checked={closed}
          data-testid="review-closed"
          onChange={(event) => {
            setClosed(event.target.checked);
            setNext(null);
          }}
        />
        {t('review.show_closed')}
      </label>
      {statistics ? <Statistics /> : null}
      <Answer asked={asked}>
        {(data) => (
          <>
            {data.unreadable > 0 ? (
              <p className="notice" data-tone="danger" role="alert">
                <span>{t('review.unreadable', { n: data.unreadable })}</span>
              </p>
            ) : null}
            {data.rows.length === 0 ? (
              <p className={failure === undefined ? 'notice' : 'soft'} data-tone="good">
                <span>{t(closed ? 'review.none' : 'review.none_waiting')}</span>
              </p>
            ) : (
              <Rows
                label={t('review.title')}
                columns={columns(judge, close)}
                rows={data.rows}
                keyOf={({ task }) => task}
                rowTestId={({ task }) => `review-row-${task}`}
                focused={({ task }) => setFocused(task)}
                dim={({ state }) => state === 'closed'}
                below={(row) => <Words row={row} />}
                scroller={scroller}
              />
            )}
            <div className="review-pages">
              {next === null ? null : <Button onPress={() => setNext(null)}>{t('review.first')}</Button>}
              {data.next === null ? null : (
                <Button onPress={() => setNext(data.next)} testId="review-next">
                  {t('review.next')}
                </Button>
              )}
            </div>
          </>
        )}
      </Answer>
      {judging === undefined ? null : (
        <JudgeDialog
          {...judging}
          close={() => setJudging(undefined)}
          done={() => {
            setJudging(undefined);
            again();
          }}
        />
      )}
    </>
  );
}

/** What was written when the glass was broken, and what the reviewer wrote. */
function Words({ row }: { row: ReviewRow }) {
  return (
    <div className="review-words">
      <p dir="auto">“{row.text}”</p>
      {row.note === null ? null : (
        <p className="soft" dir="auto">
          {t('review.noted', { who: row.judged_by ?? '' })} “{row.note}”
        </p>
      )}
    </div>
  );
}
