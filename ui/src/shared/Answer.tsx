import type { ReactNode } from 'react';
import { t } from '../words';
import type { Asked } from './ask';
import { FailureNotice } from './FailureNotice';

/** An answer of the core: awaited, failed (above what was last known), or there. What is empty, `children` say. */
export function Answer<T>({
  asked: { data, failure, again },
  failureTestId,
  children,
}: {
  asked: Asked<T>;
  failureTestId?: string;
  children: (data: T) => ReactNode;
}) {
  return (
    <>
      {failure === undefined ? null : <FailureNotice failure={failure} again={again} brief testId={failureTestId} />}
      {data !== undefined ? children(data) : failure === undefined ? <p role="status">{t('common.loading')}</p> : null}
    </>
  );
}
