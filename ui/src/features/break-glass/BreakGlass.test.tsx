import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, PASSPHRASE, PIN } from '../../testing/fake';
import { expectAccessible, showChart } from '../../testing/render';

const PATIENT = 'p-restricted';

it('opens a chart only with a reason, words and the passphrase, and shows that it stands open', async () => {
  const { user, fake } = await showChart(PATIENT);
  expect(await screen.findByTestId('break-glass')).toBeVisible();
  expect(screen.queryByTestId('banner')).toBeNull();
  expect(screen.getByTestId('bg-open')).toBeDisabled();
  await waitFor(() => expect(screen.getByTestId('bg-reason-ETREAT')).toHaveFocus());
  await expectAccessible();

  await user.keyboard('e');
  expect(screen.getByTestId('bg-reason-ETREAT')).toBeChecked();
  expect(screen.getByTestId('bg-text')).toHaveFocus();
  await user.keyboard('short');
  await user.type(screen.getByTestId('bg-passphrase'), 'wrong');
  expect(screen.getByTestId('bg-open')).toBeDisabled();
  await user.type(screen.getByTestId('bg-text'), ', but enough');
  await user.click(screen.getByTestId('bg-open'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_passphrase');

  await user.type(screen.getByTestId('bg-passphrase'), PASSPHRASE);
  await user.click(screen.getByTestId('bg-open'));
  expect(await screen.findByTestId('bg-banner')).toHaveTextContent(/Emergency treatment.*(60:00|59:59)/);
  expect(screen.getByTestId('banner-name')).toHaveTextContent('GARCÍA-LÓPEZ');
  await expectAccessible();
  expect(screen.queryByTestId('bg-unnumbered')).toBeNull();
  expect(screen.getByTestId('bg-banner')).toHaveTextContent('Not reported yet');
  // Shown, not exported; one's own words stay one's own.
  const chart = screen.getByTestId(`chart-${PATIENT}`);
  expect(fireEvent.copy(screen.getByTestId('banner-name'))).toBe(false);
  expect(fireEvent.dragStart(screen.getByTestId('banner-name'))).toBe(false);
  expect(chart).toHaveAttribute('data-emergency', 'true');
  expect(fake.calls.filter(({ command }) => command === 'break_glass').at(-1)?.args).toEqual({
    request: { patient: PATIENT, passphrase: PASSPHRASE, reason: 'ETREAT', text: 'short, but enough' },
  });
});

it('ends when asked, and the chart leaves the screen', async () => {
  const { user } = await showChart(PATIENT);
  await user.click(await screen.findByTestId('bg-reason-BTG'));
  await user.type(screen.getByTestId('bg-text'), 'found on the floor');
  await user.type(screen.getByTestId('bg-passphrase'), `${PASSPHRASE}{Enter}`);
  await user.click(await screen.findByTestId('bg-end'));
  await waitFor(() => expect(screen.queryByTestId(`chart-${PATIENT}`)).toBeNull());
  expect(screen.queryByTestId(`tab-${PATIENT}`)).toBeNull();
});

it('says loudly that there was no number', async () => {
  const { user, fake } = await showChart(PATIENT);
  fake.answer('open_chart', async (normal) => {
    const opened = await normal();
    return { ...opened, break_glass: opened.break_glass === null ? null : { ...opened.break_glass, number: null, reported: true } };
  });
  await user.click(await screen.findByTestId('bg-reason-ETREAT'));
  await user.type(screen.getByTestId('bg-text'), 'found on the floor');
  await user.type(screen.getByTestId('bg-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('bg-unnumbered')).toBeVisible();
  expect(screen.getByTestId('bg-banner')).toHaveTextContent('Reported to the privacy officer');
});

it('can be left without opening', async () => {
  const { user, fake } = await showChart(PATIENT);
  await screen.findByTestId('break-glass');
  await user.click(screen.getByRole('button', { name: 'Do not open' }));
  await waitFor(() => expect(screen.queryByTestId('break-glass')).toBeNull());
  expect(fake.calls.some(({ command }) => command === 'break_glass')).toBe(false);
});

it('takes the PIN of the token besides, where one keeps the secret', async () => {
  const { user } = await showChart(PATIENT, fakePlatform('open', { token: { label: 'ward' } }));
  await user.click(await screen.findByTestId('bg-reason-ETREAT'));
  await user.type(screen.getByTestId('bg-text'), 'found on the floor');
  await user.type(screen.getByTestId('bg-passphrase'), PASSPHRASE);
  expect(screen.getByTestId('bg-open')).toBeDisabled();
  await user.type(screen.getByTestId('token-pin'), PIN);
  await user.click(screen.getByTestId('bg-open'));
  expect(await screen.findByTestId('bg-banner')).toBeVisible();
});
