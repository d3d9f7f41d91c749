import type { Core, Handlers } from './core';

/** The rounds of sync, and what waits for them. */
export function sync(core: Core) {
  return {
    sync_now: () => {
      core.setSync({ running: true, charts_total: 40, charts_ready: 0, tier: 'changes' });
      if (core.delay > 0) grow(core);
      return core.sync;
    },
    sync_status: () => core.sync,
    cancel_sync: () => {
      core.setSync({ running: false });
      return null;
    },
    outbox: () => core.outbox,
    retry_rejected: ({ entry }) => {
      const row = core.outbox.find((one) => one.entry === entry);
      if (row !== undefined) Object.assign(row, { state: 'local_only', reason: null });
      return null;
    },
  } satisfies Partial<Handlers>;
}

/** Receives chart after chart until all are there, or it is stopped. */
function grow(core: Core): void {
  const timer = setInterval(() => {
    if (!core.sync.running || core.sync.charts_ready >= core.sync.charts_total) {
      clearInterval(timer);
      core.setSync({ running: false, last_success: new Date().toISOString() });
      return;
    }
    core.setSync({ charts_ready: core.sync.charts_ready + 1, records_received: core.sync.records_received + 90 });
  }, 120);
}
