import { Dialog, DialogClose } from '../../shared/Dialog';
import { Keys } from '../../shared/Keys';
import { t } from '../../words';
import { ACTIONS } from './actions';
import { useDesk } from './DeskContext';

export function KeysDialog({ close }: { close: () => void }) {
  const { workspace, move } = useDesk();
  const bound = ACTIONS.filter(({ keys }) => keys.length > 0);
  return (
    <Dialog title={t('keys.title')} close={close} testId="keys" wide>
      <label className="check">
        <input
          type="checkbox"
          checked={workspace.singleKeys}
          onChange={(event) => move({ to: 'singleKeys', on: event.target.checked })}
        />
        {t('keys.single')}
      </label>
      <dl className="keys-list">
        {bound.map((action) => (
          <div key={action.id}>
            <dt>{t(action.words)}</dt>
            <dd>
              {action.keys.map((keys) => (
                <Keys key={keys} keys={keys} />
              ))}
            </dd>
          </div>
        ))}
        {(['tabs', 'rows', 'row_open', 'sign', 'escape'] as const).map((id) => (
          <div key={id}>
            <dt>{t(`keys.${id}`)}</dt>
            <dd>
              <kbd className="key">{t(`keys.${id}.key`)}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <DialogClose close={close} />
    </Dialog>
  );
}
