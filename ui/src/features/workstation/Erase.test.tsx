import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, KEEPER, PASSPHRASE } from '../../testing/fake';
import { expectAccessible, show, showChart } from '../../testing/render';

const keeper = () => fakePlatform('open', { may: KEEPER() });

it('erases a chart by its id, and closes it', async () => {
  const { user, fake } = await showChart('p-okafor', keeper());
  await user.click(screen.getByTestId('page-workstation'));
  await user.click(await screen.findByTestId('erase-chart-open'));
  const id = await screen.findByTestId('erase-chart-patient');
  expect(id).toHaveFocus();
  await expectAccessible();
  await user.type(screen.getByTestId('own-passphrase'), PASSPHRASE);
  expect(screen.getByTestId('confirm')).toBeDisabled();
  await user.type(id, 'p-nobody');
  await user.click(screen.getByTestId('confirm'));
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'not_found');
  expect(screen.getByTestId('tab-p-okafor')).toBeInTheDocument();
  await user.clear(id);
  await user.type(id, 'p-okafor');
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  await waitFor(() => expect(screen.queryByTestId('tab-p-okafor')).toBeNull());
  expect(screen.getByTestId('erase-done')).toHaveTextContent('The chart is erased here');
  expect(fake.calls.filter(({ command }) => command === 'erase_chart').at(-1)?.args).toEqual({ passphrase: PASSPHRASE, patient: 'p-okafor' });
});

it('does not offer to erase a chart with unsent work', async () => {
  const fake = keeper();
  fake.failNext('erase_chart', 'unsent_work');
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  await user.click(await screen.findByTestId('erase-chart-open'));
  await user.type(await screen.findByTestId('erase-chart-patient'), 'p-okafor');
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'unsent_work');
  expect(screen.queryByTestId('second-step')).toBeNull();
});

it('erases the workstation only by its name, the passphrase, and a second step for unsent work', async () => {
  const fake = keeper();
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  await user.click(await screen.findByTestId('erase-workstation-open'));
  const name = await screen.findByTestId('erase-workstation-name');
  await user.type(screen.getByTestId('own-passphrase'), PASSPHRASE);
  await user.type(name, 'ward-7-desk-1');
  expect(screen.getByTestId('confirm')).toBeDisabled();
  await user.type(name, '{Backspace}2');
  await expectAccessible();
  await user.click(screen.getByTestId('confirm'));
  expect(await screen.findByTestId('second-step')).toHaveTextContent('that work is lost for good');
  expect(screen.getByTestId('confirm-second')).toBeDisabled();
  await expectAccessible();
  await user.type(screen.getByTestId('own-passphrase'), 'wrong{Enter}');
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'wrong_passphrase');
  await user.type(screen.getByTestId('own-passphrase'), PASSPHRASE);
  await user.click(screen.getByTestId('confirm-second'));
  expect(await screen.findByText('Set up this workstation')).toBeVisible();
  expect(fake.calls.filter(({ command }) => command === 'erase_workstation').map(({ args }) => args)).toEqual([
    { passphrase: PASSPHRASE, loseUnsent: false },
    { passphrase: 'wrong', loseUnsent: true },
    { passphrase: PASSPHRASE, loseUnsent: true },
  ]);
});
