import type { SecurityKeyStep } from '../../platform/bindings/SecurityKeyStep';
import type { StatementLine } from '../../platform/bindings/StatementLine';
import type { Core, Handlers } from './core';

/** Of every invented security key. */
export const SECURITY_KEY_PIN = '1234';

/** The keys whoever works unlocks with, and the answers of whoever holds one. */
export function securityKeys(core: Core) {
  return {
    security_keys: () => core.securityKeys,
    enrol_security_key: async ({ passphrase, name }) => {
      core.reauthenticate(passphrase);
      await holder(core, 'key_operation', [{ label: 'Action', value: 'Adds a security key to unlock with' }, { label: 'About', value: name }]);
      const id = `key-${core.next()}`;
      return (core.securityKeys = [...core.securityKeys, { id, name, enrolled_at: new Date(core.now).toISOString() }]);
    },
    remove_security_key: async ({ passphrase, id }) => {
      core.reauthenticate(passphrase);
      await holder(core, 'key_operation', [{ label: 'Action', value: 'Removes a security key from unlocking' }]);
      return (core.securityKeys = core.securityKeys.filter((key) => key.id !== id));
    },
    answer_security_key: ({ pin }) => {
      (core.waits ?? core.fail('invalid_request')).answer(pin);
      return null;
    },
    cancel_security_key: () => {
      core.waits?.answer(undefined);
      return null;
    },
  } satisfies Partial<Handlers>;
}

/** Asks for a security key as the core does: its PIN (`1234`, eight tries), then a touch, which comes by itself. */
export async function holder(core: Core, act: string, lines: StatementLine[]): Promise<void> {
  const ask = (step: SecurityKeyStep) =>
    new Promise<string | null | undefined>((answer) => {
      core.waits = { answer };
      core.emit('security-key', { act, lines, step });
    });
  let wrong = false;
  try {
    for (let tries = 8; tries > 0; tries--) {
      const pin = await ask({ step: 'pin', tries_left: tries, wrong });
      if (pin === undefined) return core.fail(wrong ? 'security_key_wrong_pin' : 'security_key_cancelled');
      if (pin === SECURITY_KEY_PIN) {
        core.emit('security-key', { act, lines, step: { step: 'touch' } });
        return;
      }
      wrong = true;
    }
    return core.fail('security_key_pin_locked');
  } finally {
    core.waits = undefined;
    core.emit('security-key', null);
  }
}
