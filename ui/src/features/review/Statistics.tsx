import { useState } from 'react';
import type { ChartOpenings } from '../../platform/bindings/ChartOpenings';
import type { OpeningsBy } from '../../platform/bindings/OpeningsBy';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { t } from '../../words';

/** Share of openings, in percent, above which broken glass is no longer the exception. */
const RARE = 1;

const PERIODS = [30, 90] as const;

/** How often each clinician broke the glass: bars to look at, a table that says the same exactly. */
export function Statistics() {
  const platform = usePlatform();
  const [days, setDays] = useState<number>(PERIODS[0]);
  const asked = useAsk(`emergency statistics ${days}`, () => platform.call('break_glass_statistics', { days }));
  const most = Math.max(1, ...(asked.data?.uses ?? []).map(({ uses }) => uses));
  return (
    <section className="review-statistics" aria-label={t('review.statistics')} tabIndex={0} data-testid="review-statistics">
      <div className="review-periods" role="group" aria-label={t('review.period')}>
        {PERIODS.map((period) => (
          <Button key={period} onPress={() => setDays(period)} aria-pressed={days === period} testId={`review-days-${period}`}>
            {t('review.days', { n: period })}
          </Button>
        ))}
      </div>
      <Answer asked={asked}>
        {(data) => (
          <>
            {data.incomplete ? (
              <p className="notice" data-tone="warn">
                <span>{t('review.incomplete')}</span>
              </p>
            ) : null}
            {data.uses.length === 0 ? (
              <p className="soft">{t('review.none')}</p>
            ) : (
              <table className="review-uses">
                <thead>
                  <tr>
                    <th scope="col">{t('column.who')}</th>
                    <th scope="col" aria-hidden="true" className="review-bar" />
                    {(['uses', 'unnumbered', 'doubtful', 'inappropriate', 'waiting'] as const).map((count) => (
                      <th key={count} scope="col">
                        {t(`review.count.${count}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.uses.map((of) => (
                    <tr key={of.user} data-testid={`review-uses-${of.user}`}>
                      <th scope="row">
                        <bdi>{of.name === '' ? of.user : of.name}</bdi>
                      </th>
                      <td aria-hidden="true" className="review-bar">
                        <svg viewBox="0 0 100 10" preserveAspectRatio="none" focusable="false">
                          <rect width={(of.uses / most) * 100} height="10" />
                          <rect className="review-bar-bad" width={(of.inappropriate / most) * 100} height="10" />
                        </svg>
                      </td>
                      {[of.uses, of.unnumbered, of.doubtful, of.inappropriate, of.waiting].map((count, i) => (
                        <td key={i}>{count}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            <Openings openings={data.openings} />
            {data.unreported === null ? null : <p className="soft">{t('review.unreported', { n: data.unreported })}</p>}
          </>
        )}
      </Answer>
    </section>
  );
}

/** How large a part of what was opened on this workstation was an emergency. */
function Openings({ openings: { all, by, unreadable } }: { openings: ChartOpenings }) {
  const line = (of: OpeningsBy, name: string) => (
    <tr key={of.user} data-testid={`review-openings-${of.user === '' ? 'all' : of.user}`}>
      <th scope="row">
        <bdi>{name}</bdi>
      </th>
      <td>{of.ordinary}</td>
      <td>{of.emergency}</td>
      <td>
        {of.percent === null ? '–' : t('review.percent', { n: of.percent.toFixed(1) })}
        {of.percent !== null && of.percent > RARE ? <span className="tag" data-tone="warn"> {t('review.often')}</span> : null}
      </td>
    </tr>
  );
  return (
    <>
      {unreadable ? (
        <p className="notice" data-tone="warn">
          <span>{t('review.openings.unreadable')}</span>
        </p>
      ) : null}
      <table className="review-uses">
        <caption>{t('review.openings')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('column.who')}</th>
            <th scope="col">{t('review.openings.ordinary')}</th>
            <th scope="col">{t('review.openings.emergency')}</th>
            <th scope="col">{t('review.openings.share')}</th>
          </tr>
        </thead>
        <tbody>
          {by.map((of) => line(of, of.name === '' ? of.user : of.name))}
          {line(all, t('review.openings.all'))}
        </tbody>
      </table>
    </>
  );
}
