import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { AuditQuery } from '../../platform/bindings/AuditQuery';
import { fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

it('lists the newest entries and verifies the chain', async () => {
  const { user } = show(fakePlatform());
  await user.click(await screen.findByTestId('page-audit'));
  expect(await screen.findByRole('treegrid')).toHaveAttribute('aria-rowcount', '401');
  await expectAccessible();
  await user.click(screen.getByTestId('audit-verify'));
  expect(await screen.findByTestId('audit-verified')).toHaveAttribute('data-intact', 'true');
});

it('narrows to what is asked for, says when there is nothing such, and shows everything again', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-audit'));
  await screen.findByRole('treegrid');
  await user.selectOptions(screen.getByTestId('audit-action'), 'break_glass');
  await user.type(screen.getByTestId('audit-patient'), 'nobody-such');
  expect(await screen.findByText(/No entry of this kind/)).toBeVisible();
  await user.type(screen.getByTestId('audit-from'), '2026-03-01');
  const asked = () => fake.calls.filter(({ command }) => command === 'audit_recent').map(({ args }) => (args as { query: AuditQuery }).query);
  await waitFor(() => expect(asked().at(-1)?.from).not.toBeNull());
  expect(asked().at(-1)).toMatchObject({ patient: 'nobody-such', action: 'break_glass', user: null, unsuccessful: false });
  expect(new Date(asked().at(-1)?.from ?? '').getHours()).toBe(0);
  expect(asked().length).toBeLessThan(6);
  expect(screen.getByTestId('audit-from')).toHaveValue('2026-03-01');
  await user.type(screen.getByTestId('audit-until'), '2026-02-31');
  expect(screen.getByTestId('audit-until')).toHaveAttribute('aria-invalid', 'true');
  await user.click(screen.getByTestId('audit-everything'));
  expect(screen.getByTestId('audit-from')).toHaveValue('');
  expect(await screen.findByRole('treegrid')).toHaveAttribute('aria-rowcount', '401');
});

it('says where the chain is broken', async () => {
  const fake = fakePlatform();
  fake.answer('audit_verify', () =>
    Promise.resolve({ entries: 10, intact: false, fault: { sequence: 4, kind: 'removed' } }),
  );
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-audit'));
  await user.click(await screen.findByTestId('audit-verify'));
  expect(await screen.findByText(/entry 4 was removed/)).toBeVisible();
});

it('is not asked for by a role that may not read it', async () => {
  const fake = fakePlatform('open', { may: ['patient.demographics'] });
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-audit'));
  expect(await screen.findByText(/may verify the audit trail, but not read it/)).toBeVisible();
  expect(fake.calls.some(({ command }) => command === 'audit_recent')).toBe(false);
});

it('about names the version and the limits in force', async () => {
  const { user } = show(fakePlatform());
  await user.click(await screen.findByTestId('page-about'));
  expect(await screen.findByText('0.1.0')).toBeVisible();
  expect(screen.getByTestId('about')).toHaveTextContent('15 minutes without use');
  expect(await screen.findByText('TLS 1.2 or newer: your hospital allows the older version')).toBeVisible();
  await expectAccessible();
});
