import type { RefObject } from 'react';
import type { Count } from '../../platform/bindings/Count';
import type { Line } from '../../platform/bindings/Line';
import { t, wordsOf } from '../../words';
import { LineRows } from './Lines';
import { Section } from './Section';

/** What has no section of its own, and what exists but is not displayed by this version. */
export function Other({
  items,
  notDisplayed,
  scroller,
}: {
  items: readonly Line[];
  notDisplayed: readonly Count[];
  scroller: RefObject<HTMLElement | null>;
}) {
  return (
    <Section id="other" count={items.length}>
      {items.length === 0 && notDisplayed.length === 0 ? undefined : (
        <>
          {items.length === 0 ? null : <LineRows label={t('section.other')} items={items} scroller={scroller} kinds />}
          {notDisplayed.length === 0 ? null : (
            <p className="section-none" data-testid="not-displayed">
              {t('chart.not_displayed')}{' '}
              {notDisplayed.map(({ name, count }) => `${wordsOf('kind', name)} (${count})`).join(', ')}
            </p>
          )}
        </>
      )}
    </Section>
  );
}
