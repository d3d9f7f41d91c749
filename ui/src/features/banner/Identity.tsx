import type { Banner } from '../../platform/bindings/Banner';
import { t } from '../../words';

/** Who this is, in the fixed order of the NHS CUI patient banner: name, born (age), gender, number. */
export function Identity({ banner, testId }: { banner: Banner; testId?: string }) {
  const number = banner.identifiers[0];
  return (
    <dl className="identity">
      <div className="identity-name">
        <dt className="visually-hidden">{t('banner.name')}</dt>
        <dd>
          <bdi data-testid={testId}>{banner.name}</bdi>
          {banner.also_known_as === null ? null : <bdi className="identity-aka"> ({banner.also_known_as})</bdi>}
        </dd>
      </div>
      <div>
        <dt>{t('banner.born')}</dt>
        <dd dir="auto">
          {banner.born ?? t('banner.born_unknown')}
          {banner.age === null ? '' : ` (${banner.age})`}
        </dd>
      </div>
      {banner.deceased === null ? null : (
        <div className="identity-deceased">
          <dt>{t('banner.died')}</dt>
          <dd dir="auto">{banner.deceased === 'yes' ? t('banner.died_undated') : banner.deceased}</dd>
        </div>
      )}
      <div>
        <dt>{t('banner.gender')}</dt>
        <dd>{banner.gender ?? t('banner.gender_unknown')}</dd>
      </div>
      <div>
        <dt>{number?.label ?? t('banner.number')}</dt>
        <dd dir="ltr">{number?.value ?? t('banner.number_unknown')}</dd>
      </div>
    </dl>
  );
}
