import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useKeyStatus } from './KeyStatus';

/** On every page while the keys are being renewed: how far that is, and the way to its page. */
export function RotationNotice() {
  const { move } = useDesk();
  const rotation = useKeyStatus().data?.rotation;
  if (rotation === null || rotation === undefined) return null;
  const { done, of, paused } = rotation;
  const short = t(paused ? 'rotation.short_paused' : 'rotation.short', { percent: of === 0 ? 0 : Math.floor((done / of) * 100) });
  return (
    <button
      type="button"
      className="rotation-notice"
      aria-label={`${short}. ${t('rotation.progress', { done, of })}`}
      data-testid="rotation-notice"
      data-paused={paused}
      onClick={() => move({ to: 'page', page: 'workstation' })}
    >
      <span aria-hidden="true">{paused ? '⏸' : '⟳'}</span> {short}
    </button>
  );
}
