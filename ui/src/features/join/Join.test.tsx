import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { demanding, type Fake, fakePlatform, PASSPHRASE, SECURITY_KEY_PIN } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

async function asked(fake: Fake) {
  const { user } = show(fake);
  await screen.findByTestId('desk');
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'add a clinician{Enter}');
  expect(await screen.findByTestId('join')).toBeVisible();
  return user;
}

it('gives a colleague a place and locks, with everything typed kept first', async () => {
  const fake = fakePlatform();
  fake.signsIn = { name: 'Tomás Quispe', role: 'nurse', enrolled: false };
  const user = await asked(fake);
  await expectAccessible();
  await user.click(screen.getByTestId('sign-in'));
  expect(await screen.findByText(/Signed in as Tomás Quispe, Nurse/)).toBeVisible();
  await user.type(screen.getByTestId('passphrase'), PASSPHRASE);
  await user.type(screen.getByTestId('passphrase-again'), PASSPHRASE);
  await expectAccessible();
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('locked')).toHaveTextContent('Tomás Quispe');
  expect(fake.calls.filter(({ command }) => command === 'join')).toMatchObject([{ args: { passphrase: PASSPHRASE, own: null } }]);
});

it('sends whoever has a place already to the lock screen', async () => {
  const fake = fakePlatform();
  const user = await asked(fake);
  await user.click(screen.getByTestId('sign-in'));
  expect(await screen.findByText(/has a place here already/)).toBeVisible();
  expect(screen.queryByTestId('passphrase')).toBeNull();
});

it('says why it did not happen, and stays open', async () => {
  const fake = fakePlatform();
  fake.signsIn = { name: 'Tomás Quispe', role: 'nurse', enrolled: false };
  fake.failNext('join', 'keyring_locked');
  const user = await asked(fake);
  await user.click(screen.getByTestId('sign-in'));
  await user.type(await screen.findByTestId('passphrase'), PASSPHRASE);
  await user.type(screen.getByTestId('passphrase-again'), PASSPHRASE);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'keyring_locked');
  expect(screen.getByTestId('desk')).toBeVisible();
});

it('tells someone without a place here what to do, on the lock screen', async () => {
  const fake = fakePlatform('locked');
  fake.signsIn = { name: 'Tomás Quispe', role: 'nurse', enrolled: false };
  const { user } = show(fake);
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByText(/you have no place on this workstation yet/)).toBeVisible();
});

async function chosen(fake: Fake) {
  fake.signsIn = { name: 'Tomás Quispe', role: 'nurse', enrolled: false };
  const user = await asked(fake);
  await user.click(screen.getByTestId('sign-in'));
  await user.type(await screen.findByTestId('passphrase'), PASSPHRASE);
  await user.type(screen.getByTestId('passphrase-again'), PASSPHRASE);
  return user;
}

it('has the colleague make a security key theirs, where the hospital demands one; given up, nobody joined and it can be tried again', async () => {
  const fake = fakePlatform();
  demanding(fake, 'factors', 'with_security_key');
  const user = await chosen(fake);
  expect(screen.getByTestId('enrol-with-key')).toHaveTextContent(/asks for a security key/);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('security-key-lines')).toHaveTextContent('Tomás Quispe');
  await expectAccessible();
  await user.click(screen.getByTestId('security-key-cancel'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'security_key_cancelled');
  expect(screen.getByTestId('join')).toBeVisible();

  await user.click(screen.getByTestId('enrol'));
  await user.type(await screen.findByTestId('security-key-pin'), '0000{Enter}');
  expect(await screen.findByText('That PIN was wrong.')).toBeVisible();
  await user.type(screen.getByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('locked')).toHaveTextContent('Tomás Quispe');
  expect(screen.queryByTestId('security-key')).toBeNull();
});

it('asks whoever is working for their passphrase, where the hospital does', async () => {
  const fake = fakePlatform();
  demanding(fake, 'step_up', 'key_operations');
  const user = await chosen(fake);
  expect(screen.queryByTestId('join-own-passphrase')).toBeNull();
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'passphrase_needed');
  expect(screen.getByLabelText('Passphrase of Dr Amara Diallo, who is working here')).toBeVisible();
  await user.type(screen.getByTestId('join-own-passphrase'), 'not this one');
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_passphrase');
  expect(screen.getByTestId('join-own-passphrase')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessible();
  await user.type(screen.getByTestId('join-own-passphrase'), PASSPHRASE);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('locked')).toHaveTextContent('Tomás Quispe');
});
