import { act, screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

afterEach(() => vi.useRealTimers());

async function replay() {
  const fake = fakePlatform();
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-audit'));
  await user.click(await screen.findByTestId('audit-replay'));
  await screen.findByTestId('replay');
  return { fake, user };
}

const shown = () => Number(screen.getByTestId('replay-entry').dataset['sequence']);

it('shows the oldest entry first and steps to and fro, by button and by key', async () => {
  const { fake, user } = await replay();
  const first = shown();
  await user.click(screen.getByTestId('replay-forward'));
  expect(shown()).toBe(first + 1);
  await user.click(screen.getByTestId('replay-back'));
  expect(shown()).toBe(first);
  await user.click(screen.getByTestId('replay-last'));
  expect(shown()).toBeGreaterThan(first + 100);
  expect(screen.getByTestId('replay-run')).toBeDisabled();
  expect(screen.getByTestId('replay-slider')).toHaveAttribute('aria-valuetext');
  expect(fake.calls.filter(({ command }) => command === 'audit_replay')).toHaveLength(1);
  await expectAccessible();
});

it('runs at its pace, and rests when it is paused', async () => {
  const { user } = await replay();
  const first = shown();
  vi.useFakeTimers();
  act(() => screen.getByTestId('replay-run').click());
  for (let stays = 0; stays < 3; stays++) await act(() => vi.advanceTimersByTimeAsync(2_000));
  const reached = shown();
  expect(reached).toBe(first + 3);
  act(() => screen.getByTestId('replay-run').click());
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(shown()).toBe(reached);
  vi.useRealTimers();
  await user.click(screen.getByTestId('audit-replay'));
  expect(screen.queryByTestId('replay')).toBeNull();
});

it('tells how things stood, and what an entry changed', async () => {
  const { fake, user } = await replay();
  expect(within(screen.getByTestId('replay-scene')).getByText('At work')).toBeVisible();
  for (let step = 0; step < 400 && screen.queryByTestId('replay-state') === null; step++) {
    act(() => screen.getByTestId('replay-forward').click());
  }
  expect(fake.calls.some(({ command }) => command === 'audit_state')).toBe(false);
  await user.click(screen.getByTestId('replay-state'));
  expect(await screen.findByTestId('audit-state')).toBeVisible();
});
