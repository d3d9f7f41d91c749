/** What is open on the desk, as one value. Pure; `memory.ts` carries it over a lock. */

export type Theme = 'system' | 'light' | 'dark';
export type Page = 'chart' | 'outbox' | 'audit' | 'review' | 'workstation' | 'about';

/** One open chart. There is no "current patient" beyond which tab is in front: every command names its own. */
export interface Tab {
  patient: string;
  /** As in the banner, for the tab before its chart is read again. */
  name: string;
  /** 1–8, the colour of this chart's edge. */
  hue: number;
  /** Draft open beside the chart. */
  draft: string | null;
}

export interface Workspace {
  tabs: readonly Tab[];
  /** Patient of the tab in front. */
  front: string | null;
  page: Page;
  theme: Theme;
  /** Shortcuts of one letter can be switched off (WCAG 2.1.4). */
  singleKeys: boolean;
  rail: boolean;
}

export type Move =
  | { to: 'open'; patient: string; name: string }
  | { to: 'close'; patient: string }
  | { to: 'front'; patient: string }
  | { to: 'name'; patient: string; name: string }
  | { to: 'draft'; patient: string; draft: string | null }
  | { to: 'page'; page: Page }
  | { to: 'theme'; theme: Theme }
  | { to: 'singleKeys'; on: boolean }
  | { to: 'rail'; on: boolean };

const HUES = 8;

export const EMPTY: Workspace = { tabs: [], front: null, page: 'chart', theme: 'system', singleKeys: true, rail: true };

export function moved(workspace: Workspace, move: Move): Workspace {
  switch (move.to) {
    case 'open': {
      const known = workspace.tabs.some((tab) => tab.patient === move.patient);
      const tabs = known
        ? workspace.tabs
        : [...workspace.tabs, { patient: move.patient, name: move.name, hue: freeHue(workspace.tabs), draft: null }];
      return { ...workspace, tabs, front: move.patient, page: 'chart' };
    }
    case 'close': {
      const at = workspace.tabs.findIndex((tab) => tab.patient === move.patient);
      if (at < 0) return workspace;
      const tabs = workspace.tabs.filter((tab) => tab.patient !== move.patient);
      const neighbour = tabs[at] ?? tabs[at - 1];
      return { ...workspace, tabs, front: workspace.front === move.patient ? (neighbour?.patient ?? null) : workspace.front };
    }
    case 'front':
      return workspace.tabs.some((tab) => tab.patient === move.patient)
        ? { ...workspace, front: move.patient, page: 'chart' }
        : workspace;
    case 'name':
      return withTab(workspace, move.patient, (tab) => (tab.name === move.name ? tab : { ...tab, name: move.name }));
    case 'draft':
      return withTab(workspace, move.patient, (tab) => (tab.draft === move.draft ? tab : { ...tab, draft: move.draft }));
    case 'page':
      return { ...workspace, page: move.page };
    case 'theme':
      return { ...workspace, theme: move.theme };
    case 'singleKeys':
      return { ...workspace, singleKeys: move.on };
    case 'rail':
      return { ...workspace, rail: move.on };
  }
}

function withTab(workspace: Workspace, patient: string, change: (tab: Tab) => Tab): Workspace {
  const tabs = workspace.tabs.map((tab) => (tab.patient === patient ? change(tab) : tab));
  return tabs.every((tab, i) => tab === workspace.tabs[i]) ? workspace : { ...workspace, tabs };
}

/** The first colour no open chart has; with more charts than colours, the least used. */
function freeHue(tabs: readonly Tab[]): number {
  let best = 1;
  let fewest = Infinity;
  for (let hue = 1; hue <= HUES; hue++) {
    const used = tabs.filter((tab) => tab.hue === hue).length;
    if (used < fewest) {
      fewest = used;
      best = hue;
    }
  }
  return best;
}
