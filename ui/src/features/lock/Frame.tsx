import type { ReactNode } from 'react';
import { Mark } from '../../shared/Mark';
import { t } from '../../words';
import './frame.css';

/** The plain page around everything that happens before a desk is open. */
export function Frame({ children, testId }: { children: ReactNode; testId: string }) {
  return (
    <div className="frame">
      <header className="frame-head">
        <Mark />
        <span className="frame-name">{t('app.name')}</span>
      </header>
      <main className="frame-body" data-testid={testId}>
        {children}
      </main>
    </div>
  );
}
