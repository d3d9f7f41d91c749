import { type CommandFailed } from '../platform/failure';
import { t, type WordKey } from '../words';
import { Button } from './Button';

/** A failure in words: what happened, what is safe, what to do. */
export function FailureNotice({
  failure,
  again,
  testId,
  brief = false,
}: {
  failure: CommandFailed;
  again?: (() => void) | undefined;
  testId?: string | undefined;
  /** Leaves out what is safe, where space is short and nothing can be lost. */
  brief?: boolean;
}) {
  const words = (part: 'what' | 'safe' | 'do') => t(`error.${failure.code}.${part}` as WordKey);
  return (
    <div className="notice" data-tone="danger" role="alert" data-code={failure.code} data-testid={testId}>
      <p className="notice-title">{words('what')}</p>
      {brief ? null : <p>{words('safe')}</p>}
      <p>
        {words('do')}
        {failure.triesLeft === null ? null : <strong> {t('security_key.pin.tries', { n: failure.triesLeft })}.</strong>}
      </p>
      {again !== undefined || failure.correlationId !== '' ? (
        <div className="notice-row">
          {again === undefined ? null : <Button onPress={again}>{t('common.again')}</Button>}
          {failure.correlationId === '' ? null : (
            <span className="soft">{t('error.reference', { id: failure.correlationId })}</span>
          )}
        </div>
      ) : null}
    </div>
  );
}
