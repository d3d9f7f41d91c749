import type { Core, Handlers } from './core';

/** What the core answers `make_recovery_key` with. */
export const RECOVERY_CODE = 'K7QM-2FXA-9TDH-W3VC-ZR58-BN4E-YG6J-1PXS-H0MQ-V7KD-T2AF-8WRC-5ZBN-E3YG';

/** Looking after the workstation: clinicians, keys, recovery, erasing. */
export function upkeep(core: Core) {
  const keeperOnly = () => (core.may.includes('devices') ? undefined : core.fail('forbidden'));
  const clinician = (id: string) => {
    const found = core.clinicians.find((one) => one.user === id) ?? core.fail('not_enrolled');
    return found.working ? core.fail('invalid_request') : found;
  };
  return {
    clinicians: () => {
      keeperOnly();
      return core.clinicians;
    },
    disable_clinician: ({ passphrase, user: id }) => {
      core.reauthenticate(passphrase);
      clinician(id).disabled = true;
      return null;
    },
    enable_clinician: ({ passphrase, user: id }) => {
      core.reauthenticate(passphrase);
      clinician(id).disabled = false;
      return null;
    },
    remove_clinician: ({ passphrase, user: id, leaveWork }) => {
      core.reauthenticate(passphrase);
      const { unsent, unsigned } = clinician(id);
      if (unsent + unsigned > 0 && !leaveWork) core.fail('unsent_work');
      core.clinicians = core.clinicians.filter((one) => one.user !== id);
      rotate(core);
      return null;
    },
    key_status: () => core.keys,
    rotate_keys: () => {
      if (core.keys.rotation === null) core.takePin();
      rotate(core);
      return null;
    },
    pause_rotation: () => {
      if (core.keys.rotation !== null) core.setRotation({ ...core.keys.rotation, paused: true });
      return null;
    },
    make_recovery_key: ({ passphrase }) => {
      core.reauthenticate(passphrase);
      core.keys = { ...core.keys, recovery: true };
      return { code: RECOVERY_CODE };
    },
    recovery_drill: ({ code }) => {
      const written = (text: string) => text.toUpperCase().replace(/[^0-9A-Z]/g, '');
      return written(code) === written(RECOVERY_CODE) ? { of: 7, recovered: 7 } : core.fail('recovery_code');
    },
    erase_chart: ({ passphrase, patient }) => {
      core.reauthenticate(passphrase);
      core.person(patient);
      core.emit('chart-changed', { patient });
      rotate(core);
      return null;
    },
    erase_workstation: ({ passphrase, loseUnsent }) => {
      core.reauthenticate(passphrase);
      if (!loseUnsent && core.clinicians.some(({ unsent, unsigned }) => unsent + unsigned > 0)) core.fail('unsent_work');
      core.leave('first_run');
      return null;
    },
    settings: () => core.settings,
  } satisfies Partial<Handlers>;
}

/** Begins or resumes a rotation; over a slow core it goes on by itself. */
function rotate(core: Core): void {
  core.setRotation({ ...(core.keys.rotation ?? { done: 0, of: 300 }), paused: false });
  if (core.delay === 0) return;
  const timer = setInterval(() => {
    const { rotation } = core.keys;
    if (rotation === null || rotation.paused) clearInterval(timer);
    else core.setRotation(rotation.done >= rotation.of ? null : { ...rotation, done: rotation.done + 1 });
  }, 50);
}
