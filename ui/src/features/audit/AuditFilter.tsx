import { type ReactNode, useId, useState } from 'react';
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
  // The days' texts are the fields' own; clearing makes them anew.
  const [round, setRound] = useState(0);
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
      <Field label={t('audit.filter.from')}>{(id) => <Day key={round} id={id} change={(day) => set({ from: midnight(day, 0) })} testId="audit-from" />}</Field>
      <Field label={t('audit.filter.until')}>{(id) => <Day key={round} id={id} change={(day) => set({ until: midnight(day, 1) })} testId="audit-until" />}</Field>
      <label className="audit-filter-only">
        <input type="checkbox" checked={query.unsuccessful} onChange={({ target }) => set({ unsuccessful: target.checked })} data-testid="audit-unsuccessful" />
        {t('audit.filter.unsuccessful')}
      </label>
      {narrowed ? (
        <Button
          kind="quiet"
          onPress={() => {
            change(EVERYTHING);
            setRound(round + 1);
          }}
          testId="audit-everything"
        >
          {t('audit.filter.clear')}
        </Button>
      ) : null}
    </form>
  );
}

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** A day as it stands in file names and logs. The web view's own date field shows today, greyed, where nothing is chosen. */
function Day({ id, change, testId }: { id: string; change: (day: string) => void; testId: string }) {
  const [text, setText] = useState('');
  const wrong = text.trim() !== '' && midnight(text, 0) === null;
  return (
    <>
      <input
        id={id}
        className="input"
        dir="ltr"
        placeholder={t('audit.filter.day')}
        value={text}
        aria-invalid={wrong}
        aria-describedby={`${id}-form`}
        onChange={({ target }) => {
          setText(target.value);
          change(target.value);
        }}
        data-testid={testId}
      />
      <span id={`${id}-form`} className={wrong ? 'audit-filter-wrong' : 'visually-hidden'} role="status">
        {wrong ? '⚠ ' : null}
        {t('audit.filter.day')}
      </span>
    </>
  );
}

/** The moment such a day begins here, `later` days on; null where it is none. */
function midnight(text: string, later: number): string | null {
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim())?.slice(1).map(Number);
  const [year, month, date] = parts ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  const day = new Date(year, month - 1, date);
  // 31 February is no day.
  if (day.getMonth() !== month - 1 || day.getDate() !== date) return null;
  day.setDate(date + later);
  return day.toISOString();
}
