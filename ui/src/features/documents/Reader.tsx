import type { DocumentRow } from '../../platform/bindings/DocumentRow';
import { usePlatform } from '../../platform/context';
import { CommandFailed } from '../../platform/failure';
import { useAsk } from '../../shared/ask';
import { Button } from '../../shared/Button';
import { FailureNotice } from '../../shared/FailureNotice';
import { t } from '../../words';
import { RecordStateTag } from '../chart/RecordStateTag';

/** A note or document, read beside the chart. */
export function Reader({ patient, row, close }: { patient: string; row: DocumentRow; close: () => void }) {
  const platform = usePlatform();
  const { kind, id } = row.source;
  const { data, failure, again } = useAsk(`document ${patient} ${kind} ${id}`, async () => {
    const view = await platform.call('open_document', { patient, kind, id });
    if (view.patient !== patient) throw new CommandFailed('wrong_patient');
    return view;
  });

  return (
    <section
      className="reader"
      data-testid="reader"
      aria-label={row.title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header className="side-head">
        <div className="grow">
          <h2 tabIndex={-1} ref={(heading) => heading?.focus({ preventScroll: true })}>
            {row.title}
          </h2>
          <p className="soft">
            {row.when ?? t('column.no_date')} · <bdi>{row.author ?? t('documents.author_unknown')}</bdi>
          </p>
        </div>
        <RecordStateTag state={row.source.state} />
        <Button kind="quiet" aria-label={t('common.close')} onPress={close} testId="reader-close">
          ×
        </Button>
      </header>
      {failure === undefined ? null : <FailureNotice failure={failure} again={again} brief />}
      {data === undefined ? (
        failure === undefined ? (
          <p className="soft" role="status">
            {t('common.loading')}
          </p>
        ) : null
      ) : data.text === null ? (
        <p className="notice" data-tone="warn">
          <span>{t(`documents.not_shown.${data.not_shown ?? 'unreadable'}`, { type: row.content_type ?? '?' })}</span>
        </p>
      ) : data.text.trim() === '' ? (
        <p className="soft">{t('documents.blank')}</p>
      ) : (
        <div className="reader-text" dir="auto" tabIndex={0} role="document" aria-label={row.title}>
          {data.text}
        </div>
      )}
    </section>
  );
}
