import { CommandFailed } from '../../platform/failure';
import type { Core, Handlers } from './core';
import { holder } from './securityKeys';

/** First run, joining, unlocking, locking, and proving oneself again. */
export function door(core: Core) {
  let endSignIn: ((signedIn: boolean) => void) | undefined;
  return {
    stage: () => core.view(),
    choose_ehr: ({ url }) =>
      url.includes('example') || url.includes('localhost')
        ? { url, name: 'St Elsewhere EHR', fhir_version: '4.0.1' }
        : core.fail('ehr_not_supported'),
    sign_in: () =>
      new Promise((resolve, reject) => {
        endSignIn = (done) => {
          if (done) resolve(core.signsIn ?? { name: core.user.name, role: core.user.role, enrolled: core.stage !== 'first_run' });
          else reject(new CommandFailed('sign_in_cancelled'));
        };
        setTimeout(() => endSignIn?.(true), core.delay * 10);
      }),
    cancel_sign_in: () => {
      endSignIn?.(false);
      return null;
    },
    token_pin: ({ pin: given }) => {
      core.pin = given;
      return null;
    },
    enrol: async ({ passphrase }) => {
      core.takePin();
      if (passphrase.length < 12) core.fail('weak_passphrase');
      await ownKey(core, core.user.name);
      core.stage = 'open';
      return core.desk();
    },
    join: async ({ passphrase, own }) => {
      core.takePin();
      if (passphrase.length < 12) core.fail('weak_passphrase');
      const { name, role } = core.signsIn ?? core.fail('sign_in_needed');
      if (core.asks('step_up', 'key_operations') && own === null) core.fail('passphrase_needed');
      if (own !== null) core.reauthenticate(own);
      await ownKey(core, name);
      core.users.push({ user: `u-${core.next()}`, name, role, disabled: false, security_key: core.asks('factors', 'with_security_key') });
      core.leave('locked');
      return null;
    },
    step_up: ({ passphrase }) => {
      core.reauthenticate(passphrase);
      return null;
    },
    change_passphrase: ({ old, new: passphrase }) => {
      core.reauthenticate(old);
      if (passphrase.length < 12) core.fail('weak_passphrase');
      return null;
    },
    unlock: async ({ user: id, passphrase }) => {
      if (core.users.find((one) => one.user === id)?.security_key === true) await holder(core, 'unlock', [{ label: 'Opens', value: 'The charts on this workstation' }]);
      core.reauthenticate(passphrase);
      core.user = core.users.find((one) => one.user === id) ?? core.user;
      core.stage = 'open';
      return core.desk();
    },
    lock: () => {
      core.leave('locked');
      return null;
    },
    keep_memory: ({ memory }) => {
      core.memory = memory;
      return null;
    },
    sign_in_again: () => {
      core.setSync({ connection: 'online' });
      return core.desk();
    },
    about: () => ({ version: '0.1.0', licence: 'Apache-2.0 OR MIT' }),
  } satisfies Partial<Handlers>;
}

/** Whoever is enrolled where the hospital demands a key makes one theirs. */
async function ownKey(core: Core, name: string): Promise<void> {
  if (!core.asks('factors', 'with_security_key')) return;
  await holder(core, 'key_operation', [
    { label: 'Action', value: 'Makes this security key part of unlocking this workstation' },
    { label: 'About', value: name },
  ]);
}
