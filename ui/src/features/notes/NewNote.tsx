import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Button } from '../../shared/Button';
import { t } from '../../words';
import type { NoteCode } from './types';

/** Starts a note of the role's first kind at once; the menu beside it has the other kinds. A role that writes none is offered none. */
export function NewNote({ kinds, act }: { kinds: readonly NoteCode[]; act: (id: string) => void }) {
  if (kinds.length === 0) return null;
  return (
    <span className="split-button">
      <Button kind="primary" onPress={() => act('note_new')} testId="note-new">
        {t('notes.new')} <kbd className="key">{t('notes.new.key')}</kbd>
      </Button>
      {kinds.length > 1 ? (
        <MenuTrigger>
          <Button aria-label={t('notes.new.other')} testId="note-new-type">
            <span aria-hidden="true">▾</span>
          </Button>
          <Popover className="popover" placement="bottom end">
            <Menu
              className="menu"
              aria-label={t('notes.new.other')}
              onAction={(code) => act(`note_new_${String(code)}`)}
              items={kinds.slice(1).map((code) => ({ id: code }))}
            >
              {({ id }) => (
                <MenuItem id={id} className="menu-item">
                  {t(`note_type.${id}`)}
                </MenuItem>
              )}
            </Menu>
          </Popover>
        </MenuTrigger>
      ) : null}
    </span>
  );
}
