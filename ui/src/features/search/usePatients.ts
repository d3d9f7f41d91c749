import { useEffect, useState } from 'react';
import type { SearchView } from '../../platform/bindings/SearchView';
import { usePlatform } from '../../platform/context';
import { type Asked, useAsk } from '../../shared/ask';

const PAUSE_MS = 120;

/** Patients that match, as someone types. Each search leaves an audit entry, so single keystrokes of a burst are not asked. */
export function usePatients(query: string): Asked<SearchView | null> {
  const platform = usePlatform();
  const [settled, setSettled] = useState('');
  const wanted = query.trim();
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  const asked = useAsk(`search ${settled}`, async () =>
    settled === '' ? null : platform.call('search_patients', { query: settled }),
  );
  return wanted === settled ? asked : { ...asked, pending: true };
}
