import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { type Fake, fakePlatform, PASSPHRASE } from '../../testing/fake';
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
  expect(fake.calls.filter(({ command }) => command === 'join')).toMatchObject([{ args: { passphrase: PASSPHRASE } }]);
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
