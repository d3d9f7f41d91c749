import { Button } from '../../shared/Button';
import { t } from '../../words';
import { useDesk } from './DeskContext';

/** The open charts. Each has its own edge colour, and always its name. */
export function Tabs() {
  const { workspace, move, charts, drafts } = useDesk();
  if (workspace.tabs.length === 0) return null;
  return (
    <nav className="tabs" aria-label={t('tabs.label')}>
      <ul>
        {workspace.tabs.map((tab, index) => {
          const current = workspace.page === 'chart' && tab.patient === workspace.front;
          const unfinished = drafts.of(tab.patient).length;
          return (
            <li
              key={tab.patient}
              ref={current ? intoView : undefined}
              className="tab"
              data-current={current}
              style={{ '--hue': `var(--chart-${tab.hue})` }}
            >
              <button
                type="button"
                className="tab-name"
                aria-current={current ? 'page' : undefined}
                data-testid={`tab-${tab.patient}`}
                onClick={() => move({ to: 'front', patient: tab.patient })}
              >
                {index < 9 ? <kbd className="key">{index + 1}</kbd> : null}
                <bdi className="tab-text">{tab.name}</bdi>
                {unfinished > 0 ? (
                  <span className="tag" data-tone="warn">
                    {t('tabs.drafts', { n: unfinished })}
                  </span>
                ) : null}
              </button>
              <Button
                kind="quiet"
                className="tab-close"
                aria-label={t('tabs.close', { name: tab.name })}
                testId={`tab-close-${tab.patient}`}
                onPress={() => {
                  void drafts.flush();
                  charts.drop(tab.patient);
                  move({ to: 'close', patient: tab.patient });
                }}
              >
                ×
              </Button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function intoView(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
