import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

const ROW = {
  entry: 7,
  patient: 'p-okafor',
  name: 'OKAFOR, Ngozi Adaeze (Mrs)',
  kind: 'DocumentReference',
  id: 'note-1',
  state: 'rejected' as const,
  reason: 'forbidden',
  attempts: 2,
  entered_at: new Date().toISOString(),
};

it('lists what waits, why, and sends again what was refused', async () => {
  const fake = fakePlatform();
  fake.answer('outbox', () => Promise.resolve([ROW, { ...ROW, entry: 8, name: null, state: 'local_only', reason: null }]));
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-outbox'));
  const row = await screen.findByTestId('outbox-row-7');
  expect(row).toHaveTextContent('OKAFOR');
  expect(row).toHaveTextContent('Rejected');
  expect(row).toHaveTextContent('your role may not enter this');
  expect(screen.getByTestId('outbox-row-8')).toHaveTextContent('A patient you may not see');
  await expectAccessible();
  await user.click(screen.getByTestId('outbox-retry-7'));
  expect(fake.calls.filter(({ command }) => command === 'retry_rejected')).toMatchObject([{ args: { entry: 7 } }]);
});

it('says so when nothing waits, and not when it could not be read', async () => {
  const fake = fakePlatform();
  fake.failNext('outbox', 'internal');
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-outbox'));
  const outbox = await screen.findByTestId('outbox');
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'internal');
  expect(outbox).not.toHaveTextContent('✓');
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/✓ Everything you signed/)).toBeVisible();
});
