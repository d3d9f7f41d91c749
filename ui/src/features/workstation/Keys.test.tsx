import { act, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { type Fake, fakePlatform, PASSPHRASE, PIN } from '../../testing/fake';
import { command, expectAccessible, show } from '../../testing/render';

async function page(fake: Fake) {
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  await screen.findByTestId('workstation');
  return user;
}

afterEach(() => vi.useRealTimers());

it('says where the keys stand, to everyone, and asks nothing a role may not ask', async () => {
  const fake = fakePlatform();
  await page(fake);
  expect(await screen.findByTestId('key-generation')).toHaveTextContent('3');
  expect(screen.getByTestId('key-memory')).toHaveTextContent('Never swapped out');
  expect(screen.getByTestId('workstation-not-yours')).toBeVisible();
  for (const part of ['clinicians', 'recovery', 'erase']) expect(screen.queryByTestId(`workstation-${part}`)).toBeNull();
  expect(fake.calls.some(({ command }) => command === 'clinicians')).toBe(false);
  await expectAccessible();
});

it('opens from the palette', async () => {
  const { user } = show(fakePlatform());
  await screen.findByTestId('desk');
  await command(user, 'workst');
  expect(await screen.findByTestId('workstation')).toBeVisible();
});

it('says loudly that there is no recovery key, and is quiet when there is one', async () => {
  const fake = fakePlatform();
  await page(fake);
  expect(await screen.findByTestId('recovery-none')).toHaveTextContent('⚠ No recovery key: unsent work would be lost with the keyring');
  fake.keys = { ...fake.keys, recovery: true };
  act(() => fake.emit('rotation', null));
  await waitFor(() => expect(screen.queryByTestId('recovery-none')).toBeNull());
  expect(screen.getByTestId('recovery-made')).toHaveTextContent('✓ Made');
});

it('says what is not so good in words, not by a colour', async () => {
  const fake = fakePlatform();
  fake.keys = { ...fake.keys, locked_in_memory: false, made_at: null, due_at: null, own_due_at: null, awaited: 2 };
  await page(fake);
  expect(await screen.findByTestId('key-memory')).toHaveTextContent('⚠ May be swapped out');
  expect(screen.getByTestId('key-status')).toHaveTextContent('at the next unlock');
  expect(screen.getByTestId('own-keys-due')).toHaveTextContent('at the next unlock');
  expect(screen.getByTestId('device-secret-due')).not.toHaveTextContent('at the next unlock');
  expect(screen.getByTestId('device-secret-awaited')).toHaveTextContent('2');
});

it('shows that it waits, and that it failed, and never an empty state instead', async () => {
  const fake = fakePlatform();
  fake.failAlways('key_status', 'internal');
  const user = await page(fake);
  expect(await screen.findByTestId('keys-failed')).toHaveAttribute('data-code', 'internal');
  expect(screen.queryByTestId('key-status')).toBeNull();
  expect(screen.queryByTestId('recovery-none')).toBeNull();
  fake.failAlways('key_status', null);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByTestId('key-status')).toBeVisible();
});

it('says that it is reading', async () => {
  const fake = fakePlatform();
  fake.stall('key_status');
  await page(fake);
  expect(screen.getByTestId('workstation-keys')).toHaveTextContent('Loading…');
});

it('renews the keys with a bar that follows the core, pauses, goes on, and ends', async () => {
  const fake = fakePlatform();
  const user = await page(fake);
  await user.click(await screen.findByTestId('keys-rotate'));
  const bar = await screen.findByRole('progressbar', { name: 'Renewal of the keys' });
  act(() => fake.setRotation({ done: 12, of: 300, paused: false }));
  expect(bar).toHaveAttribute('value', '12');
  expect(bar).toHaveAttribute('max', '300');
  expect(screen.getByTestId('rotation')).toHaveTextContent('12 of 300 charts under the new keys');
  await expectAccessible();

  await user.click(screen.getByTestId('rotation-pause'));
  expect(await screen.findByTestId('rotation-resume')).toHaveFocus();
  expect(screen.getByTestId('rotation')).toHaveTextContent('Paused');
  await user.click(screen.getByTestId('rotation-resume'));
  expect(await screen.findByTestId('rotation-pause')).toBeVisible();

  act(() => fake.setRotation(null));
  expect(await screen.findByTestId('keys-rotate')).toBeVisible();
  expect(screen.queryByRole('progressbar')).toBeNull();
  await waitFor(() => expect(screen.getByTestId('key-generation')).toHaveTextContent('4'));
  expect(fake.calls.map(({ command }) => command).filter((command) => command.includes('rota'))).toEqual(['rotate_keys', 'pause_rotation', 'rotate_keys']);
});

it('says why the keys could not be renewed', async () => {
  const fake = fakePlatform();
  fake.failNext('rotate_keys', 'keyring_locked');
  const user = await page(fake);
  await user.click(await screen.findByTestId('keys-rotate'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'keyring_locked');
  expect(screen.getByTestId('keys-rotate')).toBeEnabled();
});

it('asks for the passphrase once the hospital wants it for a renewal', async () => {
  const fake = fakePlatform();
  const user = await page(fake);
  fake.failNext('rotate_keys', 'passphrase_needed');
  await user.click(await screen.findByTestId('keys-rotate'));
  await waitFor(() => expect(screen.getByTestId('keys-rotate-passphrase')).toHaveFocus());
  expect(screen.getByTestId('keys-rotate')).toBeDisabled();
  await user.keyboard(PASSPHRASE);
  await user.click(screen.getByTestId('keys-rotate'));
  expect(await screen.findByTestId('rotation-pause')).toBeEnabled();
  expect(screen.queryByTestId('keys-rotate-passphrase')).toBeNull();
  expect(fake.calls.filter(({ command }) => command === 'rotate_keys')).toMatchObject([{ args: { passphrase: null } }, { args: { passphrase: PASSPHRASE } }]);
});

it('says on every page that the keys are being renewed, and leads to theirs', async () => {
  const fake = fakePlatform();
  fake.keys = { ...fake.keys, rotation: { done: 150, of: 300, paused: true } };
  const { user } = show(fake);
  const notice = await screen.findByTestId('rotation-notice');
  expect(notice).toHaveTextContent('Keys paused at 50 %');
  act(() => fake.setRotation({ done: 153, of: 300, paused: false }));
  expect(notice).toHaveAccessibleName('Keys 51 %. 153 of 300 charts under the new keys');
  await expectAccessible();
  await user.click(notice);
  expect(await screen.findByTestId('workstation')).toBeVisible();
  act(() => fake.setRotation(null));
  await waitFor(() => expect(screen.queryByTestId('rotation-notice')).toBeNull());
});

it('asks after a rotation that has gone silent', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const fake = fakePlatform();
  show(fake);
  const asked = () => fake.calls.filter(({ command }) => command === 'key_status').length;
  await waitFor(() => expect(asked()).toBe(1));
  act(() => fake.setRotation({ done: 5, of: 300, paused: false }));
  fake.keys = { ...fake.keys, rotation: { done: 5, of: 300, paused: true } };
  await act(() => vi.advanceTimersByTimeAsync(19_000));
  expect(asked()).toBe(1);
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(asked()).toBe(2);
  expect(screen.getByTestId('rotation-notice')).toHaveAttribute('data-paused', 'true');
});

it('asks for the token’s PIN before keys are renewed, and not to pause', async () => {
  const fake = fakePlatform('open', { token: { label: null } });
  const user = await page(fake);
  const button = await screen.findByTestId('keys-rotate');
  expect(button).toBeDisabled();
  await user.type(screen.getByLabelText('PIN of the security token'), '000000');
  await user.click(button);
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_pin');
  await user.type(screen.getByTestId('token-pin'), PIN);
  await user.click(screen.getByTestId('keys-rotate'));
  await user.click(await screen.findByTestId('rotation-pause'));
  expect(await screen.findByTestId('rotation-resume')).toBeEnabled();
  expect(screen.queryByTestId('token-pin')).toBeNull();
});
