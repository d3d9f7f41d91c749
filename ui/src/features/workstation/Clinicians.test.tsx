import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { type Fake, fakePlatform, KEEPER, PASSPHRASE } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

const OTHER = 'u-pereira';

async function page(fake: Fake = fakePlatform('open', { may: KEEPER() })) {
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  await screen.findByTestId('workstation-clinicians');
  const made = (command: string) => fake.calls.filter((call) => call.command === command).map(({ args }) => args);
  return { user, fake, made };
}

it('lists who has a place, what of theirs waits, and offers nothing against oneself', async () => {
  const { user } = await page();
  const own = await screen.findByTestId('clinician-u-diallo');
  expect(own).toHaveTextContent('Working now');
  expect(own.querySelector('button')).toBeNull();
  expect(screen.getByTestId(`clinician-${OTHER}`)).toHaveTextContent(/Joana Pereira.*Nurse.*May unlock.*1.*2/);
  await expectAccessible();
  own.focus();
  await user.keyboard('j');
  await waitFor(() => expect(screen.getByTestId(`clinician-${OTHER}`)).toHaveFocus());
  await user.keyboard('{ArrowUp}');
  await waitFor(() => expect(own).toHaveFocus());
});

it('shows that it waits, that it was refused, and that there is nobody', async () => {
  const fake = fakePlatform('open', { may: KEEPER() });
  fake.failNext('clinicians', 'forbidden');
  fake.clinicians = [];
  const { user } = await page(fake);
  expect(await screen.findByTestId('clinicians-failed')).toHaveAttribute('data-code', 'forbidden');
  expect(screen.getByTestId('workstation-clinicians')).not.toHaveTextContent('Nobody');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('Nobody has a place here.')).toBeVisible();
});

it('says that it is reading', async () => {
  const fake = fakePlatform('open', { may: KEEPER() });
  fake.stall('clinicians');
  await page(fake);
  expect(screen.getByTestId('workstation-clinicians')).toHaveTextContent('Loading…');
});

it('disables with the own passphrase, enables again, and gives the focus back', async () => {
  const { user, made } = await page();
  await user.click(await screen.findByTestId(`clinician-disable-${OTHER}`));
  expect(await screen.findByTestId('roster-disable')).toHaveTextContent('Not on the EHR yet: 1 entry and 2 notes');
  expect(screen.getByTestId('own-passphrase')).toHaveFocus();
  expect(screen.getByTestId('confirm')).toBeDisabled();
  await expectAccessible();
  await user.keyboard(`${PASSPHRASE}{Enter}`);
  const enable = await screen.findByTestId(`clinician-enable-${OTHER}`);
  await waitFor(() => expect(enable).toHaveFocus());
  expect(screen.getByTestId(`clinician-${OTHER}`)).toHaveTextContent('⊘ Disabled');
  expect(screen.getByTestId('clinicians-done')).toHaveTextContent('is disabled here');
  expect(made('disable_clinician')).toEqual([{ passphrase: PASSPHRASE, user: OTHER }]);

  await user.keyboard('{Enter}');
  await user.type(await screen.findByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId(`clinician-disable-${OTHER}`)).toBeVisible();
  expect(made('enable_clinician')).toEqual([{ passphrase: PASSPHRASE, user: OTHER }]);
});

it('says that a passphrase was wrong, forgets it, and changes nothing when left', async () => {
  const { user, made } = await page();
  await user.click(await screen.findByTestId(`clinician-disable-${OTHER}`));
  await user.type(await screen.findByTestId('own-passphrase'), 'wrong{Enter}');
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'wrong_passphrase');
  expect(screen.getByTestId('own-passphrase')).toHaveValue('');
  await waitFor(() => expect(screen.getByTestId('own-passphrase')).toHaveFocus());
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByTestId('roster-disable')).toBeNull());
  await waitFor(() => expect(screen.getByTestId(`clinician-disable-${OTHER}`)).toHaveFocus());
  expect(made('disable_clinician')).toHaveLength(1);
});

it('counts down after too many, and asks nothing meanwhile', async () => {
  const { user, fake, made } = await page();
  fake.failNext('disable_clinician', 'soft_locked', 30);
  await user.click(await screen.findByTestId(`clinician-disable-${OTHER}`));
  await user.type(await screen.findByTestId('own-passphrase'), 'wrong{Enter}');
  expect(await screen.findByRole('timer')).toHaveTextContent(/0:30|0:29/);
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(screen.getByTestId('confirm')).toBeDisabled();
  expect(made('disable_clinician')).toHaveLength(1);
});

it('leaves work behind only as a second step, with the counts and the passphrase again', async () => {
  const fake = fakePlatform('open', { may: KEEPER() });
  fake.keys = { ...fake.keys, recovery: true };
  const { user, made } = await page(fake);
  await user.click(await screen.findByTestId(`clinician-remove-${OTHER}`));
  expect(await screen.findByTestId('roster-remove')).toHaveTextContent('taken away for good');
  // One more entry since the list was read: the second step counts anew.
  fake.clinicians = fake.clinicians.map((one) => (one.user === OTHER ? { ...one, unsent: 2 } : one));
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('second-step')).toHaveAttribute('data-code', 'unsent_work');
  const second = screen.getByTestId('confirm-second');
  await waitFor(() => expect(second).toHaveTextContent('Remove and leave 2 entries and 2 notes for the recovery key'));
  expect(second).toBeDisabled();
  await user.keyboard('{Enter}');
  expect(made('remove_clinician')).toEqual([{ passphrase: PASSPHRASE, user: OTHER, leaveWork: false }]);
  await expectAccessible();

  await user.type(screen.getByTestId('own-passphrase'), PASSPHRASE);
  await user.click(second);
  await waitFor(() => expect(screen.queryByTestId(`clinician-${OTHER}`)).toBeNull());
  expect(made('remove_clinician').at(-1)).toEqual({ passphrase: PASSPHRASE, user: OTHER, leaveWork: true });
  await waitFor(() => expect(screen.getByTestId('clinicians-done')).toHaveFocus());
  expect(screen.getByTestId('rotation-notice')).toBeVisible();
});

it('says before work is left behind that nobody can take it out without a recovery key', async () => {
  const { user } = await page();
  await user.click(await screen.findByTestId(`clinician-remove-${OTHER}`));
  await user.type(await screen.findByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('second-step')).toHaveTextContent('There is no recovery key yet');
  expect(screen.getByTestId('confirm-second')).not.toHaveTextContent('recovery key');
});

it('removes at once where nothing waits', async () => {
  const fake = fakePlatform('open', { may: KEEPER() });
  fake.clinicians = fake.clinicians.map((one) => ({ ...one, unsent: 0, unsigned: 0 }));
  const { user, made } = await page(fake);
  await user.click(await screen.findByTestId(`clinician-remove-${OTHER}`));
  await user.type(await screen.findByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  await waitFor(() => expect(screen.queryByTestId(`clinician-${OTHER}`)).toBeNull());
  expect(made('remove_clinician')).toEqual([{ passphrase: PASSPHRASE, user: OTHER, leaveWork: false }]);
});
