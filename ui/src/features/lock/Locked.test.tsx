import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, PASSPHRASE, PIN } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

const ONE = [{ user: 'u-diallo', name: 'Dr Amara Diallo', role: 'physician', disabled: false, security_key: false }];

it('opens the desk for who was chosen', async () => {
  const fake = fakePlatform('locked');
  const { user } = show(fake);
  await user.click(await screen.findByTestId('unlock-user-u-pereira'));
  expect(screen.getByTestId('unlock-passphrase')).toHaveFocus();
  await expectAccessible();
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('desk')).toHaveTextContent('Joana Pereira');
});

it('needs no choice where there is only one', async () => {
  const { user } = show(fakePlatform('locked', { users: ONE }));
  await user.type(await screen.findByTestId('unlock-passphrase'), PASSPHRASE);
  await user.click(screen.getByTestId('unlock'));
  expect(await screen.findByTestId('desk')).toBeVisible();
});

it('says that a passphrase was wrong, and forgets it', async () => {
  const { user } = show(fakePlatform('locked', { users: ONE }));
  await user.type(await screen.findByTestId('unlock-passphrase'), 'wrong{Enter}');
  expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', 'wrong_passphrase');
  expect(screen.getByTestId('unlock-passphrase')).toHaveValue('');
  await waitFor(() => expect(screen.getByTestId('unlock-passphrase')).toHaveFocus());
});

it('counts down a softlock and asks nothing meanwhile', async () => {
  const fake = fakePlatform('locked', { users: ONE });
  fake.failNext('unlock', 'soft_locked', 30);
  const { user } = show(fake);
  await user.type(await screen.findByTestId('unlock-passphrase'), 'wrong{Enter}');
  expect(await screen.findByRole('timer')).toHaveTextContent(/0:30|0:29/);
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(screen.getByTestId('unlock')).toBeDisabled();
  expect(fake.calls.filter(({ command }) => command === 'unlock')).toHaveLength(1);
});

it.each(['keyring_absent', 'keyring_locked', 'keyring_emptied', 'vault_unreadable'] as const)(
  '%s is explained, and nothing but another try is offered',
  async (code) => {
    const fake = fakePlatform('locked', { users: ONE });
    fake.failNext('unlock', code);
    const { user } = show(fake);
    await user.type(await screen.findByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
    expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', code);
    await expectAccessible();
    expect(fake.calls.map(({ command }) => command)).not.toContain('enrol');
  },
);

it('renews access by a sign-in at the EHR, without opening anything', async () => {
  const fake = fakePlatform('locked', { users: ONE });
  const { user } = show(fake);
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByText('Signed in to the EHR as Dr Amara Diallo. Unlock to go on.')).toBeVisible();
  expect(screen.getByTestId('locked')).toBeVisible();
});

it('says why nothing can be opened at all', async () => {
  const fake = fakePlatform('locked');
  fake.failNext('stage', 'vault_in_use');
  const { user } = show(fake);
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'vault_in_use');
  await user.click(screen.getByRole('button'));
  expect(await screen.findByTestId('locked')).toBeVisible();
});

const DISABLED = [
  { user: 'u-diallo', name: 'Dr Amara Diallo', role: 'physician', disabled: false, security_key: false },
  { user: 'u-away', name: 'Tomás Quispe', role: 'nurse', disabled: true, security_key: false },
];

it('shows who is disabled, says why, and does not let them be chosen', async () => {
  const fake = fakePlatform('locked', { users: DISABLED });
  const { user } = show(fake);
  const away = await screen.findByTestId('unlock-user-u-away');
  expect(away).toBeDisabled();
  expect(away).toHaveTextContent('Disabled here. Ask whoever looks after this workstation.');
  await expectAccessible();
  await user.click(away);
  expect(away).toHaveAttribute('aria-checked', 'false');
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('desk')).toHaveTextContent('Dr Amara Diallo');
  expect(fake.calls.filter(({ command }) => command === 'unlock')).toMatchObject([{ args: { user: 'u-diallo' } }]);
});

it('offers nobody where everyone is disabled', async () => {
  const fake = fakePlatform('locked', { users: DISABLED.slice(1) });
  const { user } = show(fake);
  await user.type(await screen.findByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(screen.getByTestId('unlock')).toBeDisabled();
  expect(fake.calls.some(({ command }) => command === 'unlock')).toBe(false);
});

const TOKEN = { label: 'ward' };

it('asks for the PIN where a token keeps the secret, hands it over before the passphrase, and keeps neither', async () => {
  const fake = fakePlatform('locked', { users: ONE, token: TOKEN });
  const { user } = show(fake);
  await user.type(await screen.findByTestId('unlock-passphrase'), PASSPHRASE);
  expect(screen.getByTestId('unlock')).toBeDisabled();
  await user.type(screen.getByLabelText('PIN of the security token “ward”'), '000000');
  await expectAccessible();
  await user.click(screen.getByTestId('unlock'));
  expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', 'wrong_pin');
  expect(screen.getByTestId('token-pin')).toHaveValue('');
  expect(screen.getByTestId('token-pin')).toBeInvalid();
  expect(screen.getByTestId('unlock-passphrase')).toHaveValue('');
  await user.type(screen.getByTestId('unlock-passphrase'), PASSPHRASE);
  await user.type(screen.getByTestId('token-pin'), `${PIN}{Enter}`);
  expect(await screen.findByTestId('desk')).toBeVisible();
  const order = fake.calls.map(({ command }) => command).filter((command) => command === 'token_pin' || command === 'unlock');
  expect(order).toEqual(['token_pin', 'unlock', 'token_pin', 'unlock']);
});

it('asks for no PIN where the keyring keeps the secret', async () => {
  const fake = fakePlatform('locked', { users: ONE });
  const { user } = show(fake);
  await user.type(await screen.findByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  await screen.findByTestId('desk');
  expect(screen.queryByTestId('token-pin')).toBeNull();
  expect(fake.calls.some(({ command }) => command === 'token_pin')).toBe(false);
});

it.each(['token_absent', 'token_module', 'pin_needed', 'wrong_pin_last_try', 'pin_locked'] as const)(
  '%s is explained, and nothing but another try is offered',
  async (code) => {
    const fake = fakePlatform('locked', { users: ONE, token: TOKEN });
    fake.failNext('unlock', code);
    const { user } = show(fake);
    await user.type(await screen.findByTestId('unlock-passphrase'), PASSPHRASE);
    await user.type(screen.getByTestId('token-pin'), `${PIN}{Enter}`);
    expect(await screen.findByTestId('unlock-error')).toHaveAttribute('data-code', code);
    await expectAccessible();
    expect(fake.calls.map(({ command }) => command)).not.toContain('enrol');
  },
);

it('says that the token was removed', async () => {
  const fake = fakePlatform('locked', { users: ONE, token: TOKEN });
  fake.answer('stage', async (normal) => ({ ...(await normal()), reason: 'token_removed' }) as never);
  show(fake);
  expect(await screen.findByText(/The token was removed\./)).toBeVisible();
});
