import type { DeskView } from '../../platform/bindings/DeskView';
import { About } from '../about/About';
import { Audit } from '../audit/Audit';
import { ChartPage } from '../chart/ChartPage';
import { IdleWarning } from '../idle/IdleWarning';
import { ChangePassphrase } from '../join/ChangePassphrase';
import { Join } from '../join/Join';
import { Outbox } from '../outbox/Outbox';
import { Palette } from '../palette/Palette';
import { Unexpected } from '../../app/Unexpected';
import { t } from '../../words';
import { KeyStatusProvider } from '../workstation/KeyStatus';
import { Workstation } from '../workstation/Workstation';
import { DeskProvider, useDesk, useFrontTab } from './DeskContext';
import { useMay } from './may';
import { Review } from '../review/Review';
import { SecurityKeys } from '../security-key/SecurityKeys';
import { Recent } from '../search/Recent';
import { QuarantineBanner } from '../sync/QuarantineBanner';
import { DeskShortcuts } from './DeskShortcuts';
import { FailureDialog } from './FailureDialog';
import { KeysDialog } from './KeysDialog';
import { Rail } from './Rail';
import { Tabs } from './Tabs';
import { TopBar } from './TopBar';
import { UnsavedLock } from './UnsavedLock';
import './desk.css';

/** The open desk: who works here, whom they see today, and the charts they have open. */
export function Desk({ desk, ehr }: { desk: DeskView; ehr: string | null }) {
  return (
    <DeskProvider desk={desk} ehr={ehr}>
      <KeyStatusProvider>
        <DeskShortcuts />
        <Layout />
        <Overlays />
        <IdleWarning />
      </KeyStatusProvider>
    </DeskProvider>
  );
}

function Layout() {
  const { workspace } = useDesk();
  return (
    <div className="desk" data-testid="desk" data-rail={workspace.rail}>
      <TopBar />
      {workspace.rail ? <Rail /> : null}
      <main className="desk-main">
        <QuarantineBanner />
        <Tabs />
        <Unexpected key={workspace.page === 'chart' ? `chart/${workspace.front ?? ''}` : workspace.page}>
          <Page />
        </Unexpected>
      </main>
    </div>
  );
}

function Page() {
  const { workspace } = useDesk();
  const tab = useFrontTab();
  switch (workspace.page) {
    case 'outbox':
      return <Outbox />;
    case 'audit':
      return <Audit />;
    case 'review':
      return <Review />;
    case 'workstation':
      return <Workstation />;
    case 'about':
      return <About />;
    case 'chart':
      return tab === undefined ? <NoChart /> : <ChartPage key={tab.patient} tab={tab} />;
  }
}

function NoChart() {
  const { findPatients } = useMay();
  const hints = (['search', 'palette', 'keys'] as const).filter((what) => what !== 'search' || findPatients);
  return (
    <div className="no-chart">
      <h1>{t('desk.no_chart')}</h1>
      {findPatients ? <p className="soft">{t('desk.no_chart.detail')}</p> : null}
      <ul className="no-chart-keys">
        {hints.map((what) => (
          <li key={what}>
            <kbd className="key">{t(`desk.hint.${what}.key`)}</kbd> {t(`desk.hint.${what}`)}
          </li>
        ))}
      </ul>
      {findPatients ? <Recent /> : null}
    </div>
  );
}

function Overlays() {
  const { overlay, show } = useDesk();
  const close = () => show(undefined);
  switch (overlay?.kind) {
    case 'palette':
      return <Palette close={close} />;
    case 'keys':
      return <KeysDialog close={close} />;
    case 'unsaved_lock':
      return <UnsavedLock close={close} />;
    case 'join':
      return <Join close={close} />;
    case 'change_passphrase':
      return <ChangePassphrase close={close} />;
    case 'security_keys':
      return <SecurityKeys close={close} />;
    case 'failure':
      return <FailureDialog failure={overlay.failure} close={close} />;
    case undefined:
      return null;
  }
}
