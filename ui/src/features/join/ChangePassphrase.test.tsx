import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, PASSPHRASE, PIN } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

const NEW = 'copper lamp under seven stairs';

it('changes the passphrase only with the present one, and says so', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'change your passphrase{Enter}');
  expect(await screen.findByTestId('change-passphrase')).toBeVisible();
  await user.type(screen.getByTestId('passphrase'), NEW);
  await user.type(screen.getByTestId('passphrase-again'), NEW);
  expect(screen.getByTestId('enrol')).toBeDisabled();
  await user.type(screen.getByTestId('passphrase-former'), 'not this one');
  await expectAccessible();
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_passphrase');
  await user.clear(screen.getByTestId('passphrase-former'));
  await user.type(screen.getByTestId('passphrase-former'), PASSPHRASE);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByText(/Your new passphrase is in force/)).toBeVisible();
});

it('takes the PIN of the token besides, where one keeps the secret', async () => {
  const { user } = show(fakePlatform('open', { token: { label: 'ward' } }));
  await screen.findByTestId('desk');
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'change your passphrase{Enter}');
  for (const field of ['passphrase', 'passphrase-again']) await user.type(await screen.findByTestId(field), NEW);
  await user.type(screen.getByTestId('passphrase-former'), PASSPHRASE);
  expect(screen.getByTestId('enrol')).toBeDisabled();
  await user.type(screen.getByTestId('token-pin'), PIN);
  await user.click(screen.getByTestId('enrol'));
  expect(await screen.findByText(/Your new passphrase is in force/)).toBeVisible();
});
