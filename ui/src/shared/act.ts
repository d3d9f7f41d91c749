import { useState } from 'react';
import { type CommandFailed, failureFrom } from '../platform/failure';

/** Work that a press begins: whether it goes on, and what came against it. */
export interface Act {
  working: boolean;
  failure: CommandFailed | undefined;
  say: (failure: CommandFailed | undefined) => void;
  /** Answers whether it was done. A refusal becomes `failure`, unless `instead` says it in its own way. */
  run: (work: () => Promise<unknown>, instead?: (refused: CommandFailed) => boolean) => Promise<boolean>;
}

/** `before` is what was refused before this was shown. */
export function useAct(before?: CommandFailed): Act {
  const [working, setWorking] = useState(false);
  const [failure, say] = useState(before);
  const run: Act['run'] = async (work, instead) => {
    setWorking(true);
    say(undefined);
    try {
      await work();
      return true;
    } catch (reason) {
      const refused = failureFrom(reason);
      if (instead?.(refused) !== true) say(refused);
      return false;
    } finally {
      setWorking(false);
    }
  };
  return { working, failure, say, run };
}
