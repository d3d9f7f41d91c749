import type { AuditStateView } from '../../platform/bindings/AuditStateView';
import type { StateView } from '../../platform/bindings/StateView';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { t, wordsOf } from '../../words';
import { type Field, fieldsOf } from './fields';

/** What an entry's work found and left, side by side. That it was looked at is an entry itself. */
export function AuditState({ sequence }: { sequence: number }) {
  const platform = usePlatform();
  const asked = useAsk(`audit state ${sequence}`, () => platform.call('audit_state', { sequence }));
  return (
    <Answer asked={asked} failureTestId="audit-state-failed">
      {(data) => <Sides state={data} />}
    </Answer>
  );
}

function Sides({ state: { sequence, before, after } }: { state: AuditStateView }) {
  const fields = fieldsOf(before.text, after.text);
  return (
    <section className="audit-state" aria-label={t('audit.state.of', { n: sequence })} data-testid="audit-state">
      {fields.length === 0 ? (
        <div className="audit-state-sides">
          <Side name={t('audit.state.before')} state={before} />
          <Side name={t('audit.state.after')} state={after} />
        </div>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('audit.state.field')}</th>
              <th scope="col">
                {t('audit.state.before')} <Standing state={before} />
              </th>
              <th scope="col">
                {t('audit.state.after')} <Standing state={after} />
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <Line key={field.path} field={field} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Line({ field: { path, before, after } }: { field: Field }) {
  const changed = before !== after;
  return (
    <tr data-changed={changed}>
      <th scope="row" dir="ltr">
        {path}
        {changed ? <span className="visually-hidden"> {t('audit.state.changed')}</span> : null}
      </th>
      <td dir="auto">{before}</td>
      <td dir="auto">{after}</td>
    </tr>
  );
}

function Side({ name, state }: { name: string; state: StateView }) {
  return (
    <div>
      <h3>{name}</h3>
      <Standing state={state} />
      {state.text === null ? null : <pre dir="auto">{state.text}</pre>}
    </div>
  );
}

/** Nothing to show is never just empty: it says why. */
function Standing({ state }: { state: StateView }) {
  if (state.standing === 'open') return <span className="soft">{state.kind}</span>;
  return (
    <span className="tag" data-tone={state.standing === 'unreadable' ? 'danger' : 'plain'} data-standing={state.standing}>
      {wordsOf('audit.state', state.standing)}
    </span>
  );
}
