import type { SettingRow } from '../../platform/bindings/SettingRow';
import type { SettingsView } from '../../platform/bindings/SettingsView';
import type { SettingValue } from '../../platform/bindings/SettingValue';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { t, wordsOf } from '../../words';
import { Section } from './Section';

/** Every setting that holds here, and which of them the hospital has locked. To be looked at only. */
export function Settings() {
  const platform = usePlatform();
  const asked = useAsk('settings', () => platform.call('settings'));
  return (
    <Section id="settings" title={t('settings.title')}>
      <Answer asked={asked} failureTestId="settings-failed">
        {(data) => (
          <>
            <p className="soft">{t('settings.intro')}</p>
            <Standing view={data} />
            <table className="settings" data-testid="settings">
              <thead>
                <tr>
                  <th scope="col">{t('settings.column.setting')}</th>
                  <th scope="col">{t('settings.column.value')}</th>
                  <th scope="col">{t('settings.column.by')}</th>
                </tr>
              </thead>
              <tbody>
                {data.settings.map((row) => (
                  <Line key={row.name} row={row} />
                ))}
              </tbody>
            </table>
          </>
        )}
      </Answer>
    </Section>
  );
}

function Standing({ view: { standing, findings } }: { view: SettingsView }) {
  const fine = standing === 'absent' || standing === 'in_force';
  const words = wordsOf('settings.standing', standing);
  return (
    <>
      {fine ? (
        <p data-testid="settings-standing" data-standing={standing}>
          {words}
        </p>
      ) : (
        <p className="notice" data-tone="danger" data-testid="settings-standing" data-standing={standing}>
          <span aria-hidden="true">⚠</span> {words}
        </p>
      )}
      {findings.length === 0 ? null : (
        <div className="notice" data-tone="warn" data-testid="settings-findings">
          <p className="notice-title">
            <span aria-hidden="true">⚠</span> {t('settings.findings')}
          </p>
          <ul lang="en" dir="ltr">
            {findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Line({ row: { name, value, by, locked } }: { row: SettingRow }) {
  return (
    <tr data-testid={`setting-${name}`} data-locked={locked}>
      <th scope="row">{wordsOf('setting', name)}</th>
      <td>
        <bdi>{valueWords(value)}</bdi>
      </td>
      <td>
        {locked ? <span aria-hidden="true">🔒 </span> : null}
        {locked ? t('settings.by.hospital') : null}
        {locked && by === 'option' ? ' · ' : null}
        {locked && by !== 'option' ? null : wordsOf('settings.by', by)}
      </td>
    </tr>
  );
}

function valueWords(value: SettingValue): string {
  switch (value.kind) {
    case 'nothing':
      return t('setting.nothing');
    case 'number':
      return t('setting.number', { n: value.n });
    case 'seconds':
      return value.n % 60 === 0 ? t('setting.minutes', { n: value.n / 60 }) : t('setting.seconds', { n: value.n });
    case 'hours':
      return t('setting.hours', { n: value.n });
    case 'characters':
      return t('setting.characters', { n: value.n });
    case 'days':
      return value.classes.map(([what, n]) => t('setting.days', { what: wordsOf('setting.value', what), n })).join(' · ');
    case 'numbers':
      return value.named.map(([what, n]) => t('setting.named', { what: wordsOf('setting.value', what), n })).join(' · ');
    case 'switch':
      return t(value.on ? 'setting.on' : 'setting.off');
    case 'names':
      return value.names.map((name) => wordsOf('setting.value', name)).join(' · ');
    case 'text':
      return value.text;
  }
}
