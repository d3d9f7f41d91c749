import { Button } from '../../shared/Button';
import { Mark } from '../../shared/Mark';
import { t, wordsOf } from '../../words';
import { SyncStatus } from '../sync/SyncStatus';
import { RotationNotice } from '../workstation/RotationNotice';
import { useDesk } from './DeskContext';
import { useActions } from './useActions';

export function TopBar() {
  const { desk, workspace } = useDesk();
  const act = useActions();
  return (
    <header className="top">
      <Button
        kind="quiet"
        aria-label={t('action.rail')}
        aria-expanded={workspace.rail}
        onPress={() => act('rail')}
        testId="rail-toggle"
      >
        <Mark size={20} />
      </Button>
      <Button className="top-palette" onPress={() => act('palette')} testId="palette-open">
        <span className="grow">{t('top.palette')}</span>
        <kbd className="key">{t('desk.hint.palette.key')}</kbd>
      </Button>
      <SyncStatus />
      <RotationNotice />
      <div className="top-end">
        <span className="top-user">
          <bdi>{desk.user.name}</bdi>
          <span className="soft"> · {wordsOf('role', desk.user.role)}</span>
        </span>
        <Button kind="quiet" onPress={() => act('theme')} testId="theme-toggle" aria-label={t(`theme.${workspace.theme}`)}>
          <span aria-hidden="true">{THEME_GLYPH[workspace.theme]}</span>
        </Button>
        <Button kind="quiet" onPress={() => act('keys')} aria-label={t('action.keys')} testId="keys-open">
          ?
        </Button>
        <Button onPress={() => act('lock')} testId="lock">
          {t('top.lock')} <kbd className="key">{t('top.lock.key')}</kbd>
        </Button>
      </div>
    </header>
  );
}

const THEME_GLYPH = { system: '◐', light: '☀', dark: '☾' } as const;
