import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

async function queue(fake = fakePlatform()) {
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-review'));
  return { user, fake };
}

it('shows what waits, newest first, and says loudly what is wrong with a number', async () => {
  await queue();
  expect(await screen.findByTestId('reviews-waiting')).toHaveTextContent('2');
  const row = await screen.findByTestId('review-row-t-1');
  expect(row).toHaveTextContent('Unconscious in the waiting room');
  expect(row).toHaveTextContent('1042');
  expect(screen.getByTestId('review-row-t-2')).toHaveTextContent('Unnumbered');
  expect(screen.queryByTestId('review-row-t-3')).toBeNull();
  await expectAccessible();
});

it('judges with one key and a note, then closes, all on the version that was shown', async () => {
  const { user, fake } = await queue();
  (await screen.findByTestId('review-row-t-1')).focus();
  await user.keyboard('j');
  await waitFor(() => expect(screen.getByTestId('review-row-t-2')).toHaveFocus());
  await user.keyboard('x');
  expect(fake.calls.some(({ command }) => command === 'close_review')).toBe(false);
  await user.keyboard('i');
  expect(await screen.findByTestId('review-judge')).toHaveTextContent('Inappropriate');
  expect(screen.getByTestId('review-judge-done')).toBeDisabled();
  await expectAccessible();
  await user.type(screen.getByTestId('review-note'), 'Not her patient, no emergency.');
  await user.click(screen.getByTestId('review-judge-done'));
  await waitFor(() => expect(screen.getByTestId('review-row-t-2')).toHaveTextContent('Inappropriate'));
  expect(fake.calls.filter(({ command }) => command === 'judge_review').at(-1)?.args).toEqual({
    request: { task: 't-2', version: '1', judgement: 'inappropriate', note: 'Not her patient, no emergency.' },
  });
  await user.click(screen.getByTestId('review-close-t-2'));
  await waitFor(() => expect(screen.queryByTestId('review-row-t-2')).toBeNull());
  expect(fake.calls.filter(({ command }) => command === 'close_review').at(-1)?.args).toEqual({ task: 't-2', version: '1+' });
  await user.click(screen.getByTestId('review-closed'));
  expect(await screen.findByTestId('review-row-t-2')).toHaveTextContent('Closed');
});

it('goes on from the next row when one is closed, and loses no note to a stray key', async () => {
  const { user, fake } = await queue();
  const good = await screen.findByTestId('review-appropriate-t-1');
  expect(good).toHaveAccessibleName('A Good: Appropriate, Dr Amara Diallo');
  await user.click(good);
  await user.type(screen.getByTestId('review-note'), 'On call.');
  await user.keyboard('{Escape}');
  expect(screen.getByTestId('review-note')).toHaveValue('On call.');
  await user.click(screen.getByTestId('review-judge-done'));
  await user.click(await screen.findByTestId('review-close-t-1'));
  await waitFor(() => expect(screen.queryByTestId('review-row-t-1')).toBeNull());
  await waitFor(() => expect(screen.getByTestId('review-row-t-2')).toHaveFocus());
  expect(fake.calls.filter(({ command }) => command === 'judge_review')).toHaveLength(1);
});

it('says when someone else was faster, and keeps the note', async () => {
  const { user, fake } = await queue();
  fake.failNext('judge_review', 'review_changed');
  await user.click(await screen.findByTestId('review-appropriate-t-1'));
  await user.type(screen.getByTestId('review-note'), 'On call.{Control>}{Enter}{/Control}');
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'review_changed');
  expect(screen.getByTestId('review-note')).toHaveValue('On call.');
});

it('tells loading, failing and empty apart', async () => {
  const fake = fakePlatform();
  fake.failAlways('review_queue', 'ehr_unreachable');
  const { user } = await queue(fake);
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'ehr_unreachable');
  expect(screen.queryByText(/No emergency access waits/)).toBeNull();
  fake.failAlways('review_queue', null);
  fake.answer('review_queue', () => Promise.resolve({ rows: [], unreadable: 1, next: null }));
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/No emergency access waits/)).toBeVisible();
  expect(screen.getByText(/1 report cannot be read/)).toBeVisible();
});

it('counts uses by clinician over 30 or 90 days', async () => {
  const { user, fake } = await queue();
  await user.click(await screen.findByTestId('review-statistics-toggle'));
  const row = await screen.findByTestId('review-uses-u-diallo');
  expect(within(row).getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['3', '1', '0', '0', '1']);
  await expectAccessible();
  const openings = (of: string) =>
    within(screen.getByTestId(`review-openings-${of}`)).getAllByRole('cell').map((cell) => cell.textContent);
  expect(openings('u-diallo')).toEqual(['197', '3', '1.5 % more than 1 %']);
  expect(openings('u-pereira')).toEqual(['199', '1', '0.5 %']);
  expect(openings('all')).toEqual(['396', '4', '1.0 %']);
  await user.click(screen.getByTestId('review-days-90'));
  await waitFor(() => expect(screen.getByTestId('review-uses-u-diallo')).toHaveTextContent('9'));
  expect(fake.calls.at(-1)?.args).toEqual({ days: 90 });
  expect(screen.getByText(/1 number ended without a word/)).toBeVisible();
});

it('shows others only their own, and asks for no queue', async () => {
  const fake = fakePlatform('open', { may: ['patient.demographics'] });
  fake.answer('own_emergencies', () =>
    Promise.resolve([
      { patient: 'p-1', name: 'OKAFOR, Ngozi', reason: 'ETREAT', number: null, began: new Date().toISOString(), ended: null, reported: true },
    ]),
  );
  const { user } = show(fake);
  await screen.findByTestId('desk');
  expect(screen.queryByTestId('page-review')).toBeNull();
  await user.keyboard('gy');
  const own = await screen.findByTestId('own-emergencies');
  await waitFor(() => expect(own).toHaveTextContent('Reported to the privacy officer'));
  expect(own).toHaveTextContent('Unnumbered');
  expect(fake.calls.some(({ command }) => command === 'review_queue')).toBe(false);
});
