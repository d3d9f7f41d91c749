import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import { type CommandFailed, failureFrom } from '../platform/failure';

/** What is known of an answer. A failure never looks like an empty answer: `data` stays what was last known, `failure` says it is old. */
export interface Asked<T> {
  data: T | undefined;
  failure: CommandFailed | undefined;
  /** No answer to the latest question yet. */
  pending: boolean;
  again: () => void;
}

/**
 * Asks the core whenever `question` changes, and again when `stamp` does (what is shown stays meanwhile). An answer that arrives
 * after a later question was asked is dropped.
 */
export function useAsk<T>(question: string, ask: () => Promise<T>, stamp: string | number = 0): Asked<T> {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<{ question: string; turn: string; data?: T; failure?: CommandFailed }>();
  const turn = `${round}/${stamp}`;
  const put = useEffectEvent(ask);

  useEffect(() => {
    let wanted = true;
    put().then(
      (data) => {
        if (wanted) setAnswer({ question, turn, data });
      },
      (reason: unknown) => {
        if (!wanted) return;
        const failure = failureFrom(reason);
        setAnswer((last) =>
          last?.question === question && last.data !== undefined
            ? { question, turn, data: last.data, failure }
            : { question, turn, failure },
        );
      },
    );
    return () => {
      wanted = false;
    };
  }, [question, turn]);

  const again = useCallback(() => setRound((n) => n + 1), []);
  const current = answer?.question === question ? answer : undefined;
  return {
    data: current?.data,
    failure: current?.failure,
    pending: current?.turn !== turn,
    again,
  };
}
