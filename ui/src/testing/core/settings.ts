import type { SettingsView } from '../../platform/bindings/SettingsView';

/** Under a policy that asks for more than the defaults, and allows TLS 1.2. */
export const SETTINGS: SettingsView = {
  standing: 'in_force',
  findings: ['allow_tls_1_2: an EHR that speaks TLS 1.2 alone is talked to'],
  min_passphrase_chars: 16,
  settings: [
    { name: 'serial', value: { kind: 'number', n: 3 }, words: '3', by: 'hospital', locked: true },
    { name: 'idle_seconds', value: { kind: 'seconds', n: 90 }, words: '90 s', by: 'option', locked: true },
    { name: 'session_cap_hours', value: { kind: 'hours', n: 12 }, words: '12 h', by: 'default', locked: false },
    { name: 'step_up', value: { kind: 'names', names: ['sign', 'break_glass'] }, words: 'sign, break_glass', by: 'hospital', locked: true },
    { name: 'min_passphrase_chars', value: { kind: 'characters', n: 16 }, words: '16 characters', by: 'hospital', locked: true },
    { name: 'rotation_days', value: { kind: 'days', classes: [['database', 180], ['audit', 365]] }, words: '', by: 'hospital', locked: true },
    { name: 'allow_tls_1_2', value: { kind: 'switch', on: true }, words: 'yes', by: 'hospital', locked: true },
    { name: 'ehr', value: { kind: 'text', text: 'https://ehr.example.org/fhir' }, words: '', by: 'option', locked: false },
    { name: 'further_root', value: { kind: 'nothing' }, words: 'none', by: 'default', locked: false },
    { name: 'of_a_later_version', value: { kind: 'nothing' }, words: 'none', by: 'default', locked: false },
  ],
};
