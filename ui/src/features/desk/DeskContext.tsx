import {
  createContext,
  type Dispatch,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react';
import type { DeskView } from '../../platform/bindings/DeskView';
import type { SyncView } from '../../platform/bindings/SyncView';
import { useCoreEvent, usePlatform } from '../../platform/context';
import { type CommandFailed, failureFrom } from '../../platform/failure';
import { Charts, type ChartState } from '../chart/charts';
import type { Draft } from '../notes/draft';
import { Drafts } from '../notes/drafts';
import { Memory, read } from './memory';
import { type Move, moved, type Tab, type Workspace } from './workspace';

/** A panel over the desk; one at a time. */
export type Overlay = { kind: 'palette' } | { kind: 'keys' } | { kind: 'unsaved_lock' } | { kind: 'join' } | { kind: 'change_passphrase' } | { kind: 'security_keys' } | { kind: 'failure'; failure: CommandFailed };

interface DeskState {
  desk: DeskView;
  /** What the EHR calls itself; `null` until the lock screen has said it. */
  ehr: string | null;
  workspace: Workspace;
  move: Dispatch<Move>;
  memory: Memory;
  charts: Charts;
  drafts: Drafts;
  overlay: Overlay | undefined;
  show: (overlay: Overlay | undefined) => void;
  /** Locks, once everything typed is on disk; where it cannot be, asks first. */
  lock: (evenUnsaved?: boolean) => void;
}

/** Apart from the rest, because it changes many times a second while sync runs. */
interface SyncState {
  sync: SyncView;
  syncIs: (sync: SyncView) => void;
  /** Counts up whenever something the schedule or the outbox shows may have changed. */
  tide: number;
}

const Context = createContext<DeskState | null>(null);
const SyncContext = createContext<SyncState | null>(null);

export function DeskProvider({ desk, ehr, children }: { desk: DeskView; ehr: string | null; children: ReactNode }) {
  const platform = usePlatform();
  const [remembered] = useState(() => read(desk.memory));
  const [workspace, move] = useReducer(moved, remembered.workspace);
  const [memory] = useState(() => new Memory(platform, remembered));
  const [drafts] = useState(() => new Drafts(platform));
  const [charts] = useState(() => new Charts(platform, (opened) => drafts.adopt(opened.drafts)));
  const [sync, syncIs] = useState(desk.sync);
  const [overlay, show] = useState<Overlay>();
  const [tide, setTide] = useState(0);

  useEffect(() => memory.workspaceIs(workspace), [memory, workspace]);
  useEffect(() => () => memory.stop(), [memory]);
  useEffect(() => () => void drafts.flush(), [drafts]);

  useEffect(() => {
    const root = document.documentElement;
    if (workspace.theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = workspace.theme;
    return () => {
      delete root.dataset['theme'];
    };
  }, [workspace.theme]);

  useCoreEvent('sync', (next) => {
    syncIs(next);
    if (next.running !== sync.running || next.last_success !== sync.last_success || waitingOf(next) !== waitingOf(sync)) {
      setTide((n) => n + 1);
    }
  });
  // What sync said before this desk listened is asked for once.
  useEffect(() => {
    platform.call('sync_status').then(syncIs, () => undefined);
  }, [platform]);
  useCoreEvent('chart-changed', ({ patient }) => {
    charts.outdated(patient);
    if (workspace.front === patient) charts.need(patient);
    setTide((n) => n + 1);
  });
  useCoreEvent('idle-warning', (warning) => {
    if (warning !== null) void Promise.all([drafts.flush(), memory.flush()]);
  });

  const lock = useCallback(
    (evenUnsaved = false) => {
      const go = async () => {
        const [kept] = await Promise.all([drafts.flush(), memory.flush()]);
        if (!kept && !evenUnsaved) {
          show({ kind: 'unsaved_lock' });
          return;
        }
        await platform.call('lock');
      };
      go().catch((reason: unknown) => show({ kind: 'failure', failure: failureFrom(reason) }));
    },
    [drafts, memory, platform],
  );

  const state = useMemo(
    () => ({ desk, ehr, workspace, move, memory, charts, drafts, overlay, show, lock }),
    [desk, ehr, workspace, memory, charts, drafts, overlay, lock],
  );
  const syncState = useMemo(() => ({ sync, syncIs, tide }), [sync, tide]);
  return (
    <Context value={state}>
      <SyncContext value={syncState}>{children}</SyncContext>
    </Context>
  );
}

export function useDesk(): DeskState {
  const state = useContext(Context);
  if (state === null) throw new Error('outside DeskProvider');
  return state;
}

export function useSync(): SyncState {
  const state = useContext(SyncContext);
  if (state === null) throw new Error('outside DeskProvider');
  return state;
}

export function useFrontTab(): Tab | undefined {
  const { workspace } = useDesk();
  return workspace.page === 'chart' ? workspace.tabs.find((tab) => tab.patient === workspace.front) : undefined;
}

export function useChartState(patient: string): ChartState {
  const { charts } = useDesk();
  return useSyncExternalStore(charts.watch, () => charts.get(patient));
}

export function useDrafts(patient: string): readonly Draft[] {
  const { drafts } = useDesk();
  return useSyncExternalStore(drafts.watch, () => drafts.of(patient));
}

/** Entries not yet on the EHR, all states together. */
export function waitingOf({ waiting }: SyncView): number {
  return waiting.local_only + waiting.sending + waiting.rejected + waiting.conflict;
}
