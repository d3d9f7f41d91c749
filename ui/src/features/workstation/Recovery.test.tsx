import { screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { type Fake, fakePlatform, KEEPER, PASSPHRASE, RECOVERY_CODE } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

const FIRST = RECOVERY_CODE.split('-')[0] ?? '';

async function page(fake: Fake = fakePlatform('open', { may: KEEPER() })) {
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  await screen.findByTestId('workstation-recovery');
  return { user, fake };
}

async function made(fake?: Fake) {
  const shown = await page(fake);
  await shown.user.click(screen.getByTestId('recovery-make'));
  await shown.user.type(await screen.findByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  await screen.findByTestId('recovery-code');
  return shown;
}

it('shows the code once, in groups, and then it is gone', async () => {
  const { user } = await made();
  expect(screen.getByTestId('recovery-code').textContent).toBe(RECOVERY_CODE.replaceAll('-', ' '));
  await expectAccessible();
  await user.click(screen.getByTestId('recovery-written'));
  await waitFor(() => expect(screen.queryByTestId('recovery-code-dialog')).toBeNull());
  expect(document.documentElement.outerHTML).not.toContain(FIRST);
  await waitFor(() => expect(screen.getByTestId('recovery-make')).toHaveFocus());
  expect(screen.queryByTestId('recovery-none')).toBeNull();
  expect(screen.getByTestId('recovery-make')).toHaveTextContent('Make a new recovery key');
  await user.click(screen.getByTestId('recovery-make'));
  expect(await screen.findByTestId('recovery-confirm')).toHaveTextContent('The code on paper now will no longer open anything');
});

it('asks before it closes without the code on paper', async () => {
  const { user } = await made();
  await user.keyboard('{Escape}');
  expect(await screen.findByTestId('recovery-leave')).toHaveTextContent('Have you the code on paper?');
  expect(screen.getByTestId('recovery-code')).toBeVisible();
  await expectAccessible();
  await user.click(screen.getByTestId('recovery-back'));
  expect(screen.queryByTestId('recovery-leave')).toBeNull();
  await user.keyboard('{Escape}');
  await user.click(await screen.findByTestId('recovery-leave-anyway'));
  await waitFor(() => expect(screen.queryByTestId('recovery-code')).toBeNull());
  expect(document.documentElement.outerHTML).not.toContain(FIRST);
});

it('prints a sheet of the code, the workstation and the EHR', async () => {
  const print = vi.spyOn(window, 'print').mockImplementation(() => undefined);
  const fake = fakePlatform('locked', { may: KEEPER() });
  const { user } = show(fake);
  await user.click(await screen.findByTestId('unlock-user-u-diallo'));
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  await user.click(await screen.findByTestId('page-workstation'));
  await user.click(await screen.findByTestId('recovery-make'));
  await user.type(await screen.findByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  await user.click(await screen.findByTestId('recovery-print'));
  expect(print).toHaveBeenCalledOnce();
  const sheet = screen.getByTestId('recovery-sheet');
  expect(sheet.parentElement).toBe(document.body);
  expect(sheet).toHaveTextContent(RECOVERY_CODE.replaceAll('-', ' '));
  expect(sheet).toHaveTextContent('ward-7-desk-2');
  expect(sheet).toHaveTextContent('St Elsewhere EHR');
  expect(sheet).toHaveTextContent(/\d\d-\w{3}-\d{4} \d\d:\d\d/);
});

it('is not made with a wrong passphrase, or by whom it is forbidden', async () => {
  const { user, fake } = await page();
  await user.click(screen.getByTestId('recovery-make'));
  await user.type(await screen.findByTestId('own-passphrase'), 'wrong{Enter}');
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'wrong_passphrase');
  fake.failNext('make_recovery_key', 'forbidden');
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  await waitFor(() => expect(screen.getByTestId('confirm-error')).toHaveAttribute('data-code', 'forbidden'));
  expect(screen.queryByTestId('recovery-code')).toBeNull();
});

it('tries the code on paper, and forgets it', async () => {
  const { user, fake } = await page();
  await user.type(screen.getByTestId('drill-code'), `${RECOVERY_CODE.toLowerCase()}{Enter}`);
  const found = await screen.findByTestId('drill-found');
  expect(found).toHaveTextContent('✓ 7 of 7 pieces of unsent work would come back');
  expect(found).toHaveAttribute('data-whole', 'true');
  expect(screen.getByTestId('drill-code')).toHaveValue('');
  await expectAccessible();

  fake.answer('recovery_drill', () => Promise.resolve({ of: 7, recovered: 5 }));
  await user.type(screen.getByTestId('drill-code'), `${RECOVERY_CODE}{Enter}`);
  await waitFor(() => expect(screen.getByTestId('drill-found')).toHaveAttribute('data-whole', 'false'));
  expect(screen.getByTestId('drill-found')).toHaveTextContent('✕ Only 5 of 7 pieces of unsent work would come back');

  fake.answer('recovery_drill', () => Promise.resolve({ of: 0, recovered: 0 }));
  await user.type(screen.getByTestId('drill-code'), `${RECOVERY_CODE}{Enter}`);
  await waitFor(() => expect(screen.getByTestId('drill-found')).toHaveTextContent('There is no unsent work'));
});

it('says that it is another code, and keeps it to be compared', async () => {
  const { user } = await page();
  await user.type(screen.getByTestId('drill-code'), 'AAAA-BBBB{Enter}');
  expect(await screen.findByTestId('drill-error')).toHaveAttribute('data-code', 'recovery_code');
  expect(screen.getByTestId('drill-code')).toHaveValue('AAAA-BBBB');
  expect(screen.queryByTestId('drill-found')).toBeNull();
});
