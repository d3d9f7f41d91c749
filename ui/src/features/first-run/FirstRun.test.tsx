import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { demanding, fakePlatform, PASSPHRASE, PIN, SECURITY_KEY_PIN } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

it('leads from a fresh workstation to an open desk', async () => {
  const fake = fakePlatform('first_run');
  const { user } = show(fake);
  expect(await screen.findByTestId('ehr-url')).toHaveValue('https://ehr.example.org/fhir');
  await expectAccessible();

  await user.click(screen.getByTestId('ehr-continue'));
  expect(await screen.findByTestId('ehr-card')).toHaveTextContent('St Elsewhere EHR');
  await expectAccessible();

  await user.click(screen.getByTestId('sign-in'));
  await user.type(await screen.findByTestId('passphrase'), PASSPHRASE);
  await user.type(screen.getByTestId('passphrase-again'), PASSPHRASE.slice(0, -1));
  expect(screen.getByTestId('enrol')).toBeDisabled();
  await expectAccessible();
  await user.type(screen.getByTestId('passphrase-again'), PASSPHRASE.slice(-1));
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('desk')).toBeVisible();
});

it('says why an address is no EHR, and lets it be corrected', async () => {
  const fake = fakePlatform('first_run');
  const { user } = show(fake);
  await user.clear(await screen.findByTestId('ehr-url'));
  await user.type(screen.getByTestId('ehr-url'), 'https://nowhere.test/');
  await user.click(screen.getByTestId('ehr-continue'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'ehr_not_supported');
  expect(screen.getByTestId('ehr-url')).toBeEnabled();
});

it('lets the sign-in be cancelled while it waits for the browser', async () => {
  const fake = fakePlatform('first_run', { delay: 20 });
  const { user } = show(fake);
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByTestId('sign-in-waiting')).toBeVisible();
  await user.click(screen.getByTestId('sign-in-cancel'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'sign_in_cancelled');
  expect(screen.getByTestId('sign-in')).toBeEnabled();
});

it('leaves the verdict on a weak passphrase to the core', async () => {
  const { user } = show(fakePlatform('first_run'));
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  await user.type(await screen.findByTestId('passphrase'), 'short');
  await user.type(screen.getByTestId('passphrase-again'), 'short');
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'weak_passphrase');
});

it('asks for as many characters as the policy does', async () => {
  const { user } = show(fakePlatform('first_run'));
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByText(/At least 16 characters/)).toBeVisible();
  await user.type(screen.getByTestId('passphrase'), 'lemon quartz 73');
  expect(screen.getByRole('status')).toHaveAttribute('data-strength', 'short');
});

it('asks for the PIN of the token that is to keep the secret', async () => {
  const { user } = show(fakePlatform('first_run', { token: { label: 'ward' } }));
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  for (const field of ['passphrase', 'passphrase-again']) await user.type(await screen.findByTestId(field), PASSPHRASE);
  expect(screen.getByTestId('enrol')).toBeDisabled();
  await user.type(screen.getByTestId('token-pin'), PIN);
  await expectAccessible();
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('desk')).toBeVisible();
});

it('makes a security key part of unlocking, where the hospital demands one; given up, it can be tried again', async () => {
  const fake = fakePlatform('first_run');
  demanding(fake, 'factors', 'with_security_key');
  const { user } = show(fake);
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByTestId('enrol-with-key')).toHaveTextContent(/asks for a security key/);
  for (const field of ['passphrase', 'passphrase-again']) await user.type(screen.getByTestId(field), PASSPHRASE);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByTestId('security-key-pin')).toHaveFocus();
  expect(screen.getByTestId('security-key-lines')).toHaveTextContent('Makes this security key part of unlocking');
  await expectAccessible();
  await user.click(screen.getByTestId('security-key-cancel'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'security_key_cancelled');
  expect(screen.getByTestId('first-run')).toBeVisible();

  // Neither sign-in nor passphrase is asked for again.
  await user.click(screen.getByTestId('enrol'));
  await user.type(await screen.findByTestId('security-key-pin'), `${SECURITY_KEY_PIN}{Enter}`);
  expect(await screen.findByTestId('desk')).toBeVisible();
  expect(screen.queryByTestId('security-key')).toBeNull();
});

it('says nothing of a security key where none is demanded', async () => {
  const { user } = show(fakePlatform('first_run'));
  await user.click(await screen.findByTestId('ehr-continue'));
  await user.click(await screen.findByTestId('sign-in'));
  expect(await screen.findByText(/At least 16 characters/)).toBeVisible();
  expect(screen.queryByTestId('enrol-with-key')).toBeNull();
});
