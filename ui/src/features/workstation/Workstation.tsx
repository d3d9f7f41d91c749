import { useRef } from 'react';
import { t } from '../../words';
import { useDesk } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { Clinicians } from './Clinicians';
import { Erase } from './Erase';
import { Keys } from './Keys';
import { Recovery } from './Recovery';
import { Settings } from './Settings';
import './workstation.css';

/** Looking after this workstation: its keys, who has a place on it, recovery, and taking things off it. */
export function Workstation() {
  const { desk } = useDesk();
  const may = useMay();
  const scroller = useRef<HTMLDivElement>(null);
  return (
    <div ref={scroller} className="page" data-testid="workstation">
      <div className="page-content">
        <div className="page-head">
          <h1>{t('workstation.title')}</h1>
          <span className="soft" dir="ltr">
            {desk.workstation}
          </span>
        </div>
        <Keys />
        <Settings />
        {may.keepWorkstation ? (
          <>
            <Clinicians scroller={scroller} />
            <Recovery />
            <Erase />
          </>
        ) : (
          <p className="soft" data-testid="workstation-not-yours">
            {t('workstation.not_yours')}
          </p>
        )}
      </div>
    </div>
  );
}
