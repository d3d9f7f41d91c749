import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { command, expectAccessible, show, showChart } from '../../testing/render';

it('shows the day: mine first, everybody’s on request', async () => {
  const { user } = show(fakePlatform());
  await screen.findByTestId('schedule-row-p-okafor');
  expect(screen.queryByTestId('schedule-row-p-arabic')).toBeNull();
  await user.click(screen.getByTestId('schedule-all'));
  expect(await screen.findByTestId('schedule-row-p-arabic')).toBeVisible();
  await expectAccessible();
});

it('says when the schedule cannot be read, and does not call it empty', async () => {
  const fake = fakePlatform();
  fake.failNext('schedule_today', 'internal');
  const { user } = show(fake);
  const schedule = await screen.findByTestId('schedule');
  expect(await within(schedule).findByRole('alert')).toHaveAttribute('data-code', 'internal');
  expect(schedule).not.toHaveTextContent('No appointments');
  await user.click(within(schedule).getByRole('button', { name: 'Try again' }));
  expect(await screen.findByTestId('schedule-row-p-okafor')).toBeVisible();
});

it('finds patients as one types, warns of look-alikes, and opens by Enter', async () => {
  const { user } = show(fakePlatform());
  await screen.findByTestId('desk');
  await user.keyboard('/');
  await waitFor(() => expect(screen.getByTestId('search')).toHaveFocus());
  await user.keyboard('smith');
  expect(await screen.findByTestId('search-row-p-smith-j')).toHaveTextContent('look twice');
  await expectAccessible();
  await user.keyboard('{ArrowDown}{Enter}');
  expect(await screen.findByTestId('chart-p-smith-jo')).toBeVisible();
  expect(await screen.findByTestId('banner-name')).toHaveTextContent('SMITH, Jon Roberto');
});

it('says how many it searched when nobody matches, and what failed when it failed', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await user.type(await screen.findByTestId('search'), 'nobody');
  expect(await screen.findByText(/No match among the 250 patients/)).toBeVisible();
  fake.failNext('search_patients', 'internal');
  await user.type(screen.getByTestId('search'), 'x');
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'internal');
});

it('keeps several charts open, and moves between them by key', async () => {
  const { user } = await showChart('p-okafor');
  await user.click(screen.getByTestId('schedule-row-p-baby'));
  expect(await screen.findByTestId('chart-p-baby')).toBeVisible();
  await user.keyboard('{Control>}1{/Control}');
  expect(await screen.findByTestId('chart-p-okafor')).toBeVisible();
  expect(screen.queryByTestId('chart-p-baby')).toBeNull();
  await user.keyboard('{Control>}w{/Control}');
  expect(await screen.findByTestId('chart-p-baby')).toBeVisible();
  expect(screen.queryByTestId('tab-p-okafor')).toBeNull();
});

it('reads a chart once while it stays open', async () => {
  const { user, fake } = await showChart('p-okafor');
  await screen.findByTestId('banner');
  await user.click(screen.getByTestId('schedule-row-p-baby'));
  await screen.findByTestId('chart-p-baby');
  await user.click(screen.getByTestId('tab-p-okafor'));
  await screen.findByTestId('chart-p-okafor');
  const reads = fake.calls.filter(({ command, args }) => command === 'open_chart' && (args as { patient: string }).patient === 'p-okafor');
  expect(reads).toHaveLength(1);
});

it('has a palette with actions and patients', async () => {
  const { user } = await showChart('p-okafor');
  await screen.findByTestId('banner');
  await user.keyboard('{Control>}k{/Control}');
  expect(await screen.findByTestId('palette-input')).toHaveFocus();
  await user.keyboard('ouyang');
  await screen.findByTestId('palette-patient-p-chinese');
  await expectAccessible();
  await user.keyboard('{Enter}');
  expect(await screen.findByTestId('chart-p-chinese')).toBeVisible();
  await command(user, 'audit');
  expect(await screen.findByTestId('audit')).toBeVisible();
});

it('closes what is on top by Escape, and leaves the rest', async () => {
  const { user } = await showChart('p-okafor');
  await user.keyboard('?');
  expect(await screen.findByTestId('keys')).toBeVisible();
  await expectAccessible();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByTestId('keys')).toBeNull());
  expect(screen.getByTestId('chart-p-okafor')).toBeVisible();
});

it('leaves one-letter keys alone where somebody types, or has switched them off', async () => {
  const { user } = show(fakePlatform());
  await user.type(await screen.findByTestId('search'), '?/');
  expect(screen.getByTestId('search')).toHaveValue('?/');
  expect(screen.queryByTestId('keys')).toBeNull();
  await user.clear(screen.getByTestId('search'));
  await user.click(screen.getByTestId('keys-open'));
  await user.click(await screen.findByRole('checkbox'));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByTestId('keys')).toBeNull());
  await user.keyboard('?');
  expect(screen.queryByTestId('keys')).toBeNull();
});

it('says everything is on the EHR only when nothing waits', async () => {
  const fake = fakePlatform();
  show(fake);
  expect(await screen.findByTestId('sync-count')).toHaveTextContent('Nothing left to send');
  for (const state of ['local_only', 'sending', 'rejected', 'conflict']) {
    const none = { local_only: 0, sending: 0, rejected: 0, conflict: 0, drafts: 0 };
    act(() => fake.setSync({ waiting: { ...none, [state]: 1 } }));
    expect(screen.getByTestId('sync-count')).not.toHaveTextContent('Nothing left');
    expect(screen.getByTestId('sync-count')).toHaveAttribute('data-waiting', '1');
  }
  act(() => fake.setSync({ waiting: { local_only: 0, sending: 0, rejected: 0, conflict: 0, drafts: 2 } }));
  expect(screen.getByTestId('sync-count')).toHaveTextContent('2 unsigned notes');
  expect(screen.getByTestId('sync-count')).toHaveAttribute('data-waiting', '0');
});

it('says offline, and since when', async () => {
  const fake = fakePlatform();
  show(fake);
  await screen.findByTestId('desk');
  expect(screen.queryByTestId('offline')).toBeNull();
  act(() => fake.setSync({ connection: 'offline', offline_since: new Date().toISOString(), last_error: 'ehr_unreachable' }));
  expect(screen.getByTestId('offline')).toHaveTextContent(/Offline since \d\d:\d\d/);
});

it('says what the EHR did not give', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  act(() => fake.setSync({ missing: [{ kind: 'Immunization', why: 'forbidden', count: 3 }] }));
  await user.click(screen.getByTestId('sync-missing'));
  expect(await screen.findByRole('dialog')).toHaveTextContent('Immunization: your role may not read this (3 requests)');
});

it('alarms no role that has no patients', async () => {
  const fake = fakePlatform('open', { may: ['directory.staff', 'audit.chain', 'devices', 'policies'] });
  for (const command of ['schedule_today', 'patients_recent', 'search_patients'] as const) fake.failAlways(command, 'forbidden');
  const { user } = show(fake);
  await screen.findByTestId('desk');
  act(() => fake.setSync({ missing: [{ kind: 'Patient', why: 'forbidden', count: 1 }] }));
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'lo');
  expect(await screen.findAllByRole('option')).not.toEqual([]);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByTestId('sync-missing')).toBeNull();
  expect(screen.queryByTestId('schedule')).toBeNull();
  expect(screen.queryByTestId('search')).toBeNull();
  expect(screen.getByTestId('page-workstation')).toBeVisible();
  const asked = fake.calls.map(({ command }) => command);
  expect(asked.filter((command) => ['schedule_today', 'patients_recent', 'search_patients'].includes(command))).toEqual([]);
  await expectAccessible();
});

it('shows a running sync with its progress, and stops it', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await user.click(await screen.findByTestId('sync-now'));
  expect(await screen.findByText('0 of 40 charts')).toBeVisible();
  await user.click(screen.getByTestId('sync-cancel'));
  expect(await screen.findByTestId('sync-now')).toBeVisible();
});

it('lets one sign in again without losing the desk', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  act(() => fake.setSync({ connection: 'sign_in_needed' }));
  await user.click(screen.getByTestId('sign-in-again'));
  expect(await screen.findByText(/Online/)).toBeVisible();
});

it('warns before it locks, until the core takes the warning back', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  // The page listens only after its first paint.
  await waitFor(() => {
    act(() => fake.emit('idle-warning', { seconds_left: 60 }));
    expect(screen.getByTestId('idle-warning')).toHaveTextContent('1:00');
  });
  await expectAccessible();
  await user.click(screen.getByTestId('stay'));
  expect(screen.getByTestId('idle-warning')).toBeVisible();
  act(() => fake.emit('idle-warning', null));
  expect(screen.queryByTestId('idle-warning')).toBeNull();
});

it('chooses light or dark, or leaves it to the system', async () => {
  const { user } = show(fakePlatform());
  const toggle = await screen.findByTestId('theme-toggle');
  await user.click(toggle);
  expect(document.documentElement.dataset['theme']).toBe('light');
  await user.click(toggle);
  expect(document.documentElement.dataset['theme']).toBe('dark');
  await user.click(toggle);
  expect(document.documentElement.dataset['theme']).toBeUndefined();
});

it('never names a patient in the title or the address, and stores nothing', async () => {
  const title = document.title;
  const address = location.href;
  await showChart('p-okafor');
  await screen.findByTestId('banner');
  expect(document.title).toBe(title);
  expect(location.href).toBe(address);
  expect(localStorage).toHaveLength(0);
  expect(sessionStorage).toHaveLength(0);
  expect(document.cookie).toBe('');
});
