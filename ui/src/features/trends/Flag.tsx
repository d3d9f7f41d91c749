import type { Abnormal } from '../../platform/bindings/Abnormal';
import { t } from '../../words';

const LOOK: Record<Exclude<Abnormal, 'normal' | 'unknown'>, { letter: string; shape: string; critical: boolean }> = {
  critical_high: { letter: 'HH', shape: '▲▲', critical: true },
  high: { letter: 'H', shape: '▲', critical: false },
  low: { letter: 'L', shape: '▼', critical: false },
  critical_low: { letter: 'LL', shape: '▼▼', critical: true },
  abnormal: { letter: 'A', shape: '◆', critical: false },
};

/** How a value stands to its range, by letter, word and shape; colour only repeats it. Where there is no room (`brief`) the word is for assistive technology. */
export function Flag({ abnormal, brief = false }: { abnormal: Abnormal; brief?: boolean }) {
  if (abnormal === 'normal') return brief ? null : <span className="soft">{t('flag.normal')}</span>;
  if (abnormal === 'unknown') return brief ? null : <span className="soft">{t('flag.unknown')}</span>;
  const { letter, shape, critical } = LOOK[abnormal];
  return (
    <span className="flag" data-critical={critical}>
      <span aria-hidden="true">{shape}</span> {letter}{' '}
      <span className={brief ? 'visually-hidden' : 'flag-word'}>{t(`flag.${abnormal}`)}</span>
    </span>
  );
}

export function isAbnormal(abnormal: Abnormal): boolean {
  return abnormal !== 'normal' && abnormal !== 'unknown';
}

export function isCritical(abnormal: Abnormal): boolean {
  return abnormal === 'critical_high' || abnormal === 'critical_low';
}
