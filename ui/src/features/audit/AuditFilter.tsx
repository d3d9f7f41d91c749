import { useId } from 'react';
import type { AuditQuery } from '../../platform/bindings/AuditQuery';
import { Button } from '../../shared/Button';
import { t, wordsOf } from '../../words';

/** Entries shown at most. */
export const LIMIT = 500;

export const EVERYTHING: AuditQuery = {
  patient: null,
  user: null,
  action: null,
  unsuccessful: false,
  from: null,
  until: null,
  limit: LIMIT,
};

/** What reviewers ask for, the most telling first. */
const ACTIONS = ['break_glass', 'end_break_glass', 'read_chart', 'sign_note', 'search', 'unlock', 'unlock_failed', 'sign_in', 'enrol', 'export_audit'];

/** Narrows the audit trail. Days are those of this workstation's clock. */
export function AuditFilter({ query, change }: { query: AuditQuery; change: (query: AuditQuery) => void }) {
  const set = (part: Partial<AuditQuery>) => change({ ...query, ...part });
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  const narrowed = JSON.stringify(query) !== JSON.stringify(EVERYTHING);
  return (
    <form className="audit-filter" role="search" aria-label={t('audit.filter')} onSubmit={(event) => event.preventDefault()}>
      <Field label={t('column.patient_id')}>
        {(id) => <input id={id} className="input" value={query.patient ?? ''} onChange={({ target }) => set({ patient: orNull(target.value) })} data-testid="audit-patient" />}
      </Field>
      <Field label={t('column.who')}>
        {(id) => <input id={id} className="input" value={query.user ?? ''} onChange={({ target }) => set({ user: orNull(target.value) })} data-testid="audit-user" />}
      </Field>
      <Field label={t('column.what')}>
        {(id) => (
          <select id={id} className="input" value={query.action ?? ''} onChange={({ target }) => set({ action: orNull(target.value) })} data-testid="audit-action">
            <option value="">{t('audit.filter.any')}</option>
            {ACTIONS.map((action) => (
              <option key={action} value={action}>
                {wordsOf('audit.action', action)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('audit.filter.from')}>
        {(id) => <input id={id} type="date" className="input" value={day(query.from, 0)} onChange={({ target }) => set({ from: midnight(target.value, 0) })} data-testid="audit-from" />}
      </Field>
      <Field label={t('audit.filter.until')}>
        {(id) => <input id={id} type="date" className="input" value={day(query.until, -1)} onChange={({ target }) => set({ until: midnight(target.value, 1) })} data-testid="audit-until" />}
      </Field>
      <label className="audit-filter-only">
        <input type="checkbox" checked={query.unsuccessful} onChange={({ target }) => set({ unsuccessful: target.checked })} data-testid="audit-unsuccessful" />
        {t('audit.filter.unsuccessful')}
      </label>
      {narrowed ? (
        <Button kind="quiet" onPress={() => change(EVERYTHING)} testId="audit-everything">
          {t('audit.filter.clear')}
        </Button>
      ) : null}
    </form>
  );
}

function Field({ label, children }: { label: string; children: (id: string) => React.ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** The moment a day begins here, `later` days on. */
function midnight(text: string, later: number): string | null {
  const parts = text.split('-').map(Number);
  const [year, month, date] = parts;
  if (year === undefined || month === undefined || date === undefined || parts.some(Number.isNaN)) return null;
  return new Date(year, month - 1, date + later).toISOString();
}

/** The day of such a moment, as the date field has it. */
function day(moment: string | null, later: number): string {
  if (moment === null) return '';
  const at = new Date(moment);
  at.setDate(at.getDate() + later);
  return [String(at.getFullYear()).padStart(4, '0'), String(at.getMonth() + 1).padStart(2, '0'), String(at.getDate()).padStart(2, '0')].join('-');
}
