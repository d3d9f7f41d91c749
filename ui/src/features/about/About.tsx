import { usePlatform } from '../../platform/context';
import { useAsk } from '../../shared/ask';
import { FailureNotice } from '../../shared/FailureNotice';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useDesk } from '../desk/DeskContext';

export function About() {
  const platform = usePlatform();
  const { desk } = useDesk();
  const { data, failure, again } = useAsk('about', () => platform.call('about'));
  const { data: settings } = useAsk('settings', () => platform.call('settings'));
  const old = settings?.settings.some(({ name, value }) => name === 'allow_tls_1_2' && value.kind === 'switch' && value.on);
  return (
    <div className="page" data-testid="about">
      <div className="page-content">
        <h1>{t('app.name')}</h1>
        <p>{t('about.intro')}</p>
        {failure === undefined ? null : <FailureNotice failure={failure} again={again} brief />}
        <dl className="pairs">
          <dt>{t('about.version')}</dt>
          <dd>{data?.version ?? t('common.loading')}</dd>
          <dt>{t('about.licence')}</dt>
          <dd>{data?.licence ?? t('common.loading')}</dd>
          <dt>{t('about.workstation')}</dt>
          <dd>{desk.workstation}</dd>
          <dt>{t('about.user')}</dt>
          <dd>
            <bdi>{desk.user.name}</bdi> · {wordsOf('role', desk.user.role)}
          </dd>
          <dt>{t('about.tls')}</dt>
          <dd data-testid="about-tls">{old === undefined ? t('common.loading') : t(old ? 'about.tls.1_2' : 'about.tls.1_3')}</dd>
          <dt>{t('about.idle')}</dt>
          <dd>{t('about.idle.minutes', { n: Math.round(desk.idle_limit_seconds / 60) })}</dd>
          <dt>{t('about.lease')}</dt>
          <dd>{desk.lease_until === null ? t('about.lease.none') : dateTime(desk.lease_until)}</dd>
        </dl>
      </div>
    </div>
  );
}
