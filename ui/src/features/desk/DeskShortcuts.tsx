import { useShortcuts } from '../../shared/shortcuts';
import { ACTIONS } from './actions';
import { useDesk } from './DeskContext';
import { useActions } from './useActions';

/** Binds the keys of every action, and Ctrl+1 to Ctrl+9 to the tabs. */
export function DeskShortcuts() {
  const { workspace, move } = useDesk();
  const act = useActions();
  const actions = ACTIONS.flatMap(({ id, keys }) => keys.map((key) => ({ keys: key, run: () => act(id) })));
  const tabs = Array.from({ length: 9 }, (_, index) => ({
    keys: `$mod+Digit${index + 1}`,
    run: () => {
      const tab = workspace.tabs[index];
      if (tab !== undefined) move({ to: 'front', patient: tab.patient });
    },
  }));
  useShortcuts([...actions, ...tabs], workspace.singleKeys);
  return null;
}
