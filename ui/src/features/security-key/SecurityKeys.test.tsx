import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, PASSPHRASE, PIN, SECURITY_KEY_PIN } from '../../testing/fake';
import { command, expectAccessible, show } from '../../testing/render';

const WITH_KEY = [{ user: 'u-diallo', name: 'Dr Amara Diallo', role: 'physician', disabled: false, security_key: true }];

async function unlocking() {
  const fake = fakePlatform('locked', { users: WITH_KEY });
  const { user } = show(fake);
  expect(await screen.findByTestId('unlock-then-key')).toHaveTextContent('Then touch your security key.');
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  await screen.findByTestId('security-key');
  return { fake, user };
}

it('unlocks with passphrase, PIN and touch', async () => {
  const { fake, user } = await unlocking();
  expect(screen.getByTestId('security-key-pin')).toHaveFocus();
  expect(screen.queryByTestId('security-key-lines')).toBeNull();
  await expectAccessible();
  await user.type(screen.getByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('desk')).toBeVisible();
  expect(screen.queryByTestId('security-key')).toBeNull();
  expect(fake.calls.filter(({ command }) => command === 'unlock')).toHaveLength(1);
});

it('says that a PIN was wrong and how many tries are left, in an empty field', async () => {
  const { user } = await unlocking();
  await user.type(screen.getByTestId('security-key-pin'), '0000{Enter}');
  expect(await screen.findByText('That PIN was wrong.')).toBeVisible();
  expect(screen.getByText(/7 tries left/)).toBeVisible();
  expect(screen.getByTestId('security-key-pin')).toHaveValue('');
  await user.type(screen.getByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('desk')).toBeVisible();
});

it('can be given up, and the desk stays locked', async () => {
  const { fake, user } = await unlocking();
  await user.click(screen.getByTestId('security-key-cancel'));
  expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', 'security_key_cancelled');
  expect(screen.queryByTestId('security-key')).toBeNull();
  expect(fake.calls.map(({ command }) => command)).toContain('cancel_security_key');
});

it.each(['security_key_absent', 'security_key_other', 'security_key_pin_locked', 'security_key_timed_out', 'security_key_cloned'] as const)(
  '%s is explained',
  async (code) => {
    const fake = fakePlatform('locked', { users: WITH_KEY });
    fake.failNext('unlock', code);
    const { user } = show(fake);
    await user.type(await screen.findByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', code);
    await expectAccessible();
    // The key is put in and Enter pressed: nothing is typed twice.
    expect(screen.getByTestId('unlock-passphrase')).toHaveValue(code === 'security_key_absent' ? PASSPHRASE : '');
  },
);

it('says that a PIN is asked for once more by the same ceremony, and has the focus though the button beneath lost it', async () => {
  const fake = fakePlatform();
  show(fake);
  await screen.findByTestId('desk');
  const what = { act: 'key_operation', lines: [{ label: 'About', value: 'blue' }] };
  const pin = { ...what, step: { step: 'pin' as const, tries_left: 8, wrong: false } };
  act(() => fake.emit('security-key', pin));
  expect(screen.queryByText(/once more/)).toBeNull();
  act(() => fake.emit('security-key', { ...what, step: { step: 'touch' } }));
  act(() => fake.emit('security-key', null));
  act(() => fake.emit('security-key', pin));
  expect(screen.getByText(/once more/)).toBeVisible();
  screen.getByTestId('security-key-pin').blur();
  await waitFor(() => expect(screen.getByTestId('security-key-pin')).toHaveFocus());
});

it('shows every line that is signed, and the way without the key in an emergency alone', async () => {
  const fake = fakePlatform();
  show(fake);
  await screen.findByTestId('desk');
  const lines = [
    { label: 'Patient', value: 'Rosa Meyer' },
    { label: 'Text', value: 'Cough.\nPlan: rest.' },
  ];
  fake.emit('security-key', { act: 'sign', lines, step: { step: 'touch' } });
  expect(await screen.findByTestId('security-key')).toHaveTextContent('You sign with your security key');
  const shown = screen.getByTestId('security-key-lines');
  expect([...shown.querySelectorAll('dt')].map((one) => one.textContent)).toEqual(['Patient', 'Text']);
  expect([...shown.querySelectorAll('dd')].map((one) => one.textContent)).toEqual(['Rosa Meyer', 'Cough.\nPlan: rest.']);
  expect(screen.getByTestId('security-key-touch')).toHaveTextContent('Touch your security key.');
  expect(screen.getByTestId('security-key-cancel')).toHaveTextContent('Cancel');
  await expectAccessible();
  fake.emit('security-key', { act: 'break_glass', lines, step: { step: 'touch' } });
  await waitFor(() => expect(screen.getByTestId('security-key-cancel')).toHaveTextContent('Go on without the key'));
  fake.emit('security-key', null);
  await waitFor(() => expect(screen.queryByTestId('security-key')).toBeNull());
});

it('adds a key, urges a second one, and removes it', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  await command(user, 'your security keys');
  expect(await screen.findByTestId('security-keys-none')).toBeVisible();
  await user.click(screen.getByTestId('security-key-add'));
  await user.type(screen.getByTestId('security-key-name'), 'blue');
  expect(screen.getByTestId('security-key-confirm')).toBeDisabled();
  await user.type(screen.getByTestId('security-key-passphrase'), `${PASSPHRASE}{Enter}`);
  await user.type(await screen.findByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('security-keys-second')).toBeVisible();
  expect(screen.getByTestId('security-keys-done')).toHaveTextContent('The key is added.');
  expect(screen.getByRole('button', { name: 'Close' })).toHaveFocus();
  expect(screen.getByText('blue')).toBeVisible();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Remove blue' }));
  expect(screen.getByText(/It is your last one/)).toBeVisible();
  await user.type(screen.getByTestId('security-key-passphrase'), 'not this one{Enter}');
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_passphrase');
  await user.type(screen.getByTestId('security-key-passphrase'), `${PASSPHRASE}{Enter}`);
  await user.type(await screen.findByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('security-keys-none')).toBeVisible();
});

it('asks for the token’s PIN with the passphrase', async () => {
  const fake = fakePlatform('open', { token: { label: 'ward' } });
  const { user } = show(fake);
  await screen.findByTestId('desk');
  await command(user, 'your security keys');
  await user.click(await screen.findByTestId('security-key-add'));
  await user.type(screen.getByTestId('security-key-name'), 'blue');
  await user.type(screen.getByTestId('security-key-passphrase'), PASSPHRASE);
  expect(screen.getByTestId('security-key-confirm')).toBeDisabled();
  await user.type(screen.getByTestId('token-pin'), `${PIN}{Enter}`);
  await user.type(await screen.findByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('security-keys-second')).toBeVisible();
});
