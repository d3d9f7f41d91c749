import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { AuditRow } from '../../platform/bindings/AuditRow';
import type { AuditStateView } from '../../platform/bindings/AuditStateView';
import { CommandFailed } from '../../platform/failure';
import { fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

/** Few enough rows that all of them are drawn. */
const rows: AuditRow[] = [48_211, 48_210, 48_209].map((sequence) => ({
  sequence,
  at: '2026-03-02T08:00:00.000Z',
  who: 'Dr Amara Diallo',
  role: 'physician',
  action: 'write_draft',
  outcome: 'allowed',
  patient: 'pat-1',
  purpose: null,
  detail: null,
  kept: sequence !== 48_209,
}));

function present<T>(found: T | null | undefined): T {
  if (found == null) throw new Error('not there');
  return found;
}

async function auditPage(fake = fakePlatform()) {
  fake.answer('audit_recent', () => Promise.resolve(rows));
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-audit'));
  const open = present((await screen.findAllByTestId('audit-state-open'))[0]);
  return { user, open, fake };
}

it('shows what was there before and after, field by field, and marks what changed', async () => {
  const { user, open, fake } = await auditPage();
  await user.click(open);
  const state = await screen.findByTestId('audit-state');
  const changed = within(state).getAllByRole('row').filter((row) => row.dataset['changed'] === 'true');
  expect(changed[0]).toHaveTextContent('Chest pain.');
  expect(changed[0]).toHaveTextContent('Chest pain, resolved.');
  expect(within(state).getByRole('row', { name: /caret/ })).toHaveAttribute('data-changed', 'false');
  await expectAccessible();
  expect(fake.calls.filter(({ command }) => command === 'audit_state')).toHaveLength(1);
  await user.click(open);
  expect(screen.queryByTestId('audit-state')).toBeNull();
});

it('opens and closes from the keyboard', async () => {
  const { user, open } = await auditPage();
  const row = present(open.closest<HTMLElement>('[role=row]'));
  row.focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByTestId('audit-state')).toBeVisible();
  expect(open).toHaveAttribute('aria-expanded', 'true');
  await user.keyboard('{Enter}');
  expect(screen.queryByTestId('audit-state')).toBeNull();
});

it('says that it is loading, why it failed, and that an erased key leaves nothing to read', async () => {
  const fake = fakePlatform();
  let answer: (state: AuditStateView) => void = () => undefined;
  fake.answer('audit_state', () => new Promise<AuditStateView>((resolve) => (answer = resolve)));
  const { user, open } = await auditPage(fake);
  await user.click(open);
  const row = present(open.closest<HTMLElement>('[role=row]'));
  expect(within(row).getByRole('status')).toBeVisible();
  answer({ sequence: 1, before: { standing: 'absent', kind: null, text: null }, after: { standing: 'unreadable', kind: null, text: null } });
  const state = await screen.findByTestId('audit-state');
  expect(state).toHaveTextContent('Nothing was there');
  expect(state).toHaveTextContent('The key was erased');

  await user.click(open);
  fake.answer('audit_state', () => Promise.reject(new CommandFailed('internal', 'c-7')));
  await user.click(present((await screen.findAllByTestId('audit-state-open'))[1]));
  expect(await screen.findByTestId('audit-state-failed')).toHaveAttribute('data-code', 'internal');
});

it('says how far the EHR has countersigned', async () => {
  await auditPage();
  expect(await screen.findByTestId('audit-countersigned')).toHaveTextContent('up to entry 48,190');
  expect(screen.getAllByTestId('audit-state-open')).toHaveLength(2);
  expect(screen.queryByTestId('quarantine')).toBeNull();
});

it('is loud on every page while quarantined, until one who may takes the chain up again', async () => {
  const fake = fakePlatform();
  const { user } = show(fake);
  await screen.findByTestId('desk');
  fake.setSync({ quarantine: { standing: 'forked', since: '2026-03-02T08:00:00Z', entry: 12 } });
  const banner = await screen.findByTestId('quarantine');
  expect(banner).toHaveAttribute('role', 'alert');
  expect(banner).toHaveTextContent(/emergency access alone/);
  await user.click(await screen.findByTestId('page-audit'));
  expect(screen.getByTestId('quarantine')).toBeVisible();
  await user.click(await screen.findByTestId('clear-quarantine'));
  expect(screen.getByTestId('clear-now')).toBeDisabled();
  await user.selectOptions(screen.getByTestId('clear-reason'), 'copied');
  await user.type(screen.getByTestId('clear-note'), 'two machines, one name');
  await user.keyboard('{Escape}');
  expect(screen.getByTestId('clear-note')).toHaveValue('two machines, one name');
  await expectAccessible();
  await user.click(screen.getByTestId('clear-now'));
  expect(fake.calls.find(({ command }) => command === 'clear_quarantine')?.args).toEqual({
    request: { reason: 'copied', note: 'two machines, one name' },
  });
  expect(screen.queryByTestId('quarantine')).toBeNull();
  await waitFor(() => expect(screen.getByTestId('audit-countersigned')).toHaveFocus());
});

it('offers nobody else to lift a quarantine', async () => {
  const fake = fakePlatform('open', { may: ['patient.demographics', 'audit.chain'] });
  const { user } = show(fake);
  await screen.findByTestId('desk');
  fake.setSync({ quarantine: { standing: 'behind', since: '2026-03-02T08:00:00Z', entry: 12 } });
  await user.click(await screen.findByTestId('page-audit'));
  await screen.findByTestId('audit-countersigned');
  expect(screen.queryByTestId('clear-quarantine')).toBeNull();
});
