import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Button } from '../../shared/Button';
import { t } from '../../words';
import { NOTE_TYPES } from './types';

/** Starts a progress note at once; the menu beside it has the other kinds. */
export function NewNote({ act }: { act: (id: string) => void }) {
  return (
    <span className="split-button">
      <Button kind="primary" onPress={() => act('note_new')} testId="note-new">
        {t('notes.new')} <kbd className="key">{t('notes.new.key')}</kbd>
      </Button>
      <MenuTrigger>
        <Button aria-label={t('notes.new.other')} testId="note-new-type">
          <span aria-hidden="true">▾</span>
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu
            className="menu"
            aria-label={t('notes.new.other')}
            onAction={(code) => act(`note_new_${String(code)}`)}
            items={NOTE_TYPES.slice(1).map(({ code }) => ({ id: code }))}
          >
            {({ id }) => (
              <MenuItem id={id} className="menu-item">
                {t(`note_type.${id}`)}
              </MenuItem>
            )}
          </Menu>
        </Popover>
      </MenuTrigger>
    </span>
  );
}
