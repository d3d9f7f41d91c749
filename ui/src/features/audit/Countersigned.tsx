import { useEffect, useRef } from 'react';
import { usePlatform } from '../../platform/context';
import { Answer } from '../../shared/Answer';
import { useAsk } from '../../shared/ask';
import { dateTime } from '../../shared/time';
import { t, wordsOf } from '../../words';
import { useSync } from '../desk/DeskContext';
import { useMay } from '../desk/may';
import { ClearQuarantine } from './ClearQuarantine';

/** How far the EHR vouches for the chain. */
export function Countersigned() {
  const platform = usePlatform();
  const may = useMay();
  const { sync } = useSync();
  const asked = useAsk('audit status', () => platform.call('audit_status'), sync.last_success ?? '');
  const said = useRef<HTMLParagraphElement>(null);
  // Whoever lifted a quarantine stood on a button that goes with it.
  const lifted = useRef(false);
  useEffect(() => {
    if (!lifted.current) return;
    lifted.current = false;
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) said.current?.focus();
    });
  }, [asked.data]);
  const done = () => {
    lifted.current = true;
    asked.again();
  };

  return (
    <Answer asked={asked}>
      {({ countersigned, trouble }) => (
        <>
          <p ref={said} tabIndex={-1} data-testid="audit-countersigned">
            {countersigned === null
              ? t('audit.countersigned.never')
              : t('audit.countersigned', { n: countersigned.sequence, at: dateTime(countersigned.at) })}
            {trouble === null ? null : (
              <>
                {' '}
                <span className="tag" data-tone="danger">
                  {wordsOf('audit.trouble', trouble)}
                </span>
              </>
            )}
          </p>
          {(sync.quarantine !== null || trouble !== null) && may.liftQuarantine ? <ClearQuarantine done={done} /> : null}
        </>
      )}
    </Answer>
  );
}
