import type { RecordState } from '../../platform/bindings/RecordState';
import { t } from '../../words';

const LOOK: Record<RecordState, { tone: string; shape: string }> = {
  local_only: { tone: 'warn', shape: '○' },
  sending: { tone: 'info', shape: '↑' },
  synced: { tone: 'good', shape: '●' },
  rejected: { tone: 'danger', shape: '✕' },
  conflict: { tone: 'danger', shape: '⇄' },
};

/** How far a record got, by word and shape. */
export function RecordStateTag({ state, testId }: { state: RecordState; testId?: string }) {
  const { tone, shape } = LOOK[state];
  return (
    <span className="tag" data-tone={tone} title={t(`record.${state}.detail`)}>
      <span aria-hidden="true">{shape}</span>
      <span data-testid={testId} data-state={state}>
        {t(`record.${state}`)}
      </span>
    </span>
  );
}

/** Only where there is something to say: most records came from the EHR. */
export function NotSynced({ state }: { state: RecordState }) {
  return state === 'synced' ? null : <RecordStateTag state={state} />;
}
