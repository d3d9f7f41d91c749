import type { ChartView } from '../../platform/bindings/ChartView';
import { Button } from '../../shared/Button';
import { ago, dateTime, useNow } from '../../shared/time';
import { t } from '../../words';
import { AllergyStatement } from '../allergies/Allergies';
import { useMay } from '../desk/may';
import { useActions } from '../desk/useActions';
import { NewNote } from '../notes/NewNote';
import { Identity } from './Identity';
import './banner.css';

/** Whose chart this is; it never scrolls away. Below the identity: what must not be missed, and how old all this is. */
export function Banner({ chart, pinned }: { chart: ChartView; pinned: boolean }) {
  const { banner, allergies } = chart;
  const act = useActions();
  const may = useMay();
  return (
    <header className="banner" data-testid="banner" data-deceased={banner.deceased !== null}>
      <div className="banner-first">
        <Identity banner={banner} testId="banner-name" />
        <div className="banner-marks">
        {banner.similar_name ? (
          <span className="tag" data-tone="warn">
            ⚠ {t('banner.similar')}
          </span>
        ) : null}
        {banner.restricted ? (
          <span className="tag" data-tone="info">
            {t('banner.restricted')}
          </span>
        ) : null}
        <Button kind="quiet" aria-pressed={pinned} onPress={() => act('pin')} testId="pin">
          {pinned ? t('banner.pinned') : t('banner.pin')}
        </Button>
        <NewNote kinds={may.notes} act={act} />
        </div>
      </div>
      <div className="banner-second">
        <div className="banner-allergies">
          <span className="banner-label">{t('section.allergies')}</span>
          <AllergyStatement allergies={allergies} />
          {'items' in allergies ? (
            <span className="banner-substances">
              {allergies.items
                .filter(({ status }) => status !== 'resolved' && status !== 'inactive')
                .map((allergy) => (
                  <span key={allergy.source.id} className="tag" data-tone={allergy.criticality === 'high' ? 'danger' : 'warn'} dir="auto">
                    {allergy.criticality === 'high' ? '▲ ' : ''}
                    {allergy.substance}
                  </span>
                ))}
            </span>
          ) : null}
        </div>
        {banner.flags.length === 0 ? null : (
          <div className="banner-flags">
            <span className="banner-label">{t('banner.flags')}</span>
            {banner.flags.map((flag) => (
              <span key={flag} className="tag" data-tone="warn" dir="auto">
                ⚑ {flag}
              </span>
            ))}
          </div>
        )}
        <span className="grow" />
        <AsOf chart={chart} />
        <Contact chart={chart} />
      </div>
    </header>
  );
}

function AsOf({ chart: { as_of: asOf } }: { chart: ChartView }) {
  const now = useNow(30_000);
  return (
    <span className="banner-as-of" data-testid="as-of" data-never={asOf === null}>
      {asOf === null ? `⚠ ${t('chart.never')}` : t('chart.as_of', { when: dateTime(asOf), ago: ago(asOf, now) })}
    </span>
  );
}

function Contact({ chart: { banner } }: { chart: ChartView }) {
  const others = banner.identifiers.slice(1);
  return (
    <details className="banner-more">
      <summary>{t('banner.more')}</summary>
      <dl className="pairs banner-contact">
        <dt>{t('banner.address')}</dt>
        <dd dir="auto">{banner.address ?? t('column.not_recorded')}</dd>
        <dt>{t('banner.contact')}</dt>
        <dd>
          {banner.contact.length === 0
            ? t('column.not_recorded')
            : banner.contact.map((one) => (
                <div key={one} dir="ltr">
                  {one}
                </div>
              ))}
        </dd>
        <dt>{t('banner.language')}</dt>
        <dd dir="auto">{banner.language ?? t('column.not_recorded')}</dd>
        {others.map(({ label, value }) => (
          <div key={`${label} ${value}`} className="pairs-pair">
            <dt>{label}</dt>
            <dd dir="ltr">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
