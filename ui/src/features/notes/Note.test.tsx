import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { fakePlatform, PASSPHRASE, PIN } from '../../testing/fake';
import { expectAccessible, showChart } from '../../testing/render';

const PATIENT = 'p-okafor';
const editor = () => screen.getByTestId<HTMLTextAreaElement>('note-editor');

/** A note begun in the chart, with this text. */
async function begun(text = '', fake = fakePlatform()) {
  const { user } = await showChart(PATIENT, fake);
  await user.click(await screen.findByTestId('note-new'));
  await screen.findByTestId('note-editor');
  if (text !== '') await user.type(editor(), text);
  return { user, fake };
}

it('is begun, kept, signed and seen to arrive, by keyboard alone', async () => {
  const { user, fake } = await showChart(PATIENT);
  await screen.findByTestId('banner');
  await user.keyboard('{Alt>}n{/Alt}');
  expect(await screen.findByTestId('note-editor')).toHaveFocus();
  await user.keyboard('Seen at 02:40. مرحبا 您好 👩🏽‍⚕️');
  await waitFor(() => expect(screen.getByTestId('note-saved-state')).toHaveTextContent('Saved on this device'));
  expect(fake.drafts[0]?.text).toBe('Seen at 02:40. مرحبا 您好 👩🏽‍⚕️');
  await expectAccessible();

  await user.keyboard('{Control>}{Enter}{/Control}');
  const dialog = await screen.findByRole('alertdialog');
  expect(dialog).toHaveTextContent('OKAFOR, Ngozi Adaeze (Mrs)');
  expect(dialog).toHaveTextContent('12-Mar-1961');
  expect(dialog).toHaveTextContent('0042-1187');
  expect(dialog).toHaveTextContent('Seen at 02:40.');
  await expectAccessible();
  await user.keyboard('{Control>}{Enter}{/Control}');

  await waitFor(() => expect(screen.queryByTestId('note-editor')).toBeNull());
  const signed = fake.calls.find(({ command }) => command === 'sign_note');
  expect(signed?.args).toMatchObject({ patient: PATIENT });
  const state = await waitFor(() => {
    const found = screen.getByTestId('section-documents').querySelector('[data-testid^=note-state-note-]');
    expect(found).not.toBeNull();
    return found;
  });
  expect(state).toHaveAttribute('data-state', 'local_only');
  expect(screen.getByTestId('sync-count')).toHaveAttribute('data-waiting', '1');
});

it('is offered in the kinds that the role may sign, and begun as the first of them', async () => {
  const nurse = fakePlatform('open', { may: ['patient.demographics', 'patient.notes', 'notes', 'patient.notes.nursing', 'patient.notes.telephone'] });
  const { user, fake } = await showChart(PATIENT, nurse);
  await user.click(await screen.findByTestId('note-new-type'));
  expect(screen.getAllByRole('menuitem').map(({ textContent }) => textContent)).toEqual(['Telephone note']);
  await user.keyboard('{Escape}');
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'new');
  const offered = screen.getAllByRole('option').map(({ textContent }) => textContent);
  expect(offered.filter((name) => name.includes('note')).map((name) => name.replace(/Alt.*/, ''))).toEqual([
    'New note',
    'New nursing note',
    'New telephone note',
  ]);
  await user.keyboard('{Escape}{Alt>}n{/Alt}');
  expect(await screen.findByTestId('note-editor')).toHaveFocus();
  expect(fake.drafts.map((draft) => draft.note_type)).toEqual(['34746-8']);
});

it('is not offered to a role that signs none, by button, palette or key', async () => {
  const { user, fake } = await showChart(PATIENT, fakePlatform('open', { may: ['patient.demographics', 'patient.notes', 'claims'] }));
  await screen.findByTestId('banner');
  expect(screen.queryByTestId('note-new')).toBeNull();
  await user.keyboard('{Alt>}n{/Alt}{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), 'note');
  expect(screen.queryAllByRole('option', { name: /^New/ })).toEqual([]);
  expect(fake.calls.filter(({ command }) => command === 'start_note')).toEqual([]);
});

it('says “Saving…” until the core has it', async () => {
  const { user, fake } = await begun();
  fake.stall('save_draft');
  await user.type(editor(), 'x');
  expect(screen.getByTestId('note-saved-state')).toHaveTextContent('Saving…');
});

it('says loudly when it cannot be kept, and leaves the text', async () => {
  const { user, fake } = await begun();
  fake.failAlways('save_draft', 'disk_full');
  await user.type(editor(), 'precious');
  expect(await screen.findByTestId('note-failure')).toHaveAttribute('data-code', 'disk_full');
  expect(editor()).toHaveValue('precious');
  expect(screen.getByTestId('note-saved-state')).toHaveAttribute('data-state', 'failed');
  fake.failAlways('save_draft', null);
  await user.click(within(screen.getByTestId('note-failure')).getByRole('button'));
  await waitFor(() => expect(screen.getByTestId('note-saved-state')).toHaveAttribute('data-state', 'saved'));
  expect(fake.drafts[0]?.text).toBe('precious');
});

it('is in no other chart', async () => {
  const { user } = await begun('for Okafor');
  await user.click(screen.getByTestId('schedule-row-p-baby'));
  await screen.findByTestId('chart-p-baby');
  expect(screen.queryByTestId('note-editor')).toBeNull();
  await user.click(screen.getByTestId(`tab-${PATIENT}`));
  expect(await screen.findByTestId('note-editor')).toHaveValue('for Okafor');
});

it('can be put aside and taken up again; several can be open', async () => {
  const { user, fake } = await begun('first');
  await user.click(screen.getByTestId('note-close'));
  await user.click(screen.getByTestId('note-new'));
  await user.type(await screen.findByTestId('note-editor'), 'second');
  await user.click(screen.getByTestId('note-close'));
  await waitFor(() => expect(fake.drafts.map(({ text }) => text)).toEqual(['first', 'second']));
  await user.click(screen.getByTestId(`draft-open-${fake.drafts[0]?.draft ?? ''}`));
  expect(await screen.findByTestId('note-editor')).toHaveValue('first');
});

it('asks before it is discarded', async () => {
  const { user, fake } = await begun('three little words');
  await user.click(screen.getByTestId('note-discard'));
  expect(await screen.findByRole('alertdialog')).toHaveTextContent('3 words will be gone for good');
  await user.keyboard('{Escape}');
  expect(editor()).toHaveValue('three little words');
  await user.click(screen.getByTestId('note-discard'));
  await user.click(await screen.findByTestId('note-discard-confirm'));
  await waitFor(() => expect(screen.queryByTestId('note-editor')).toBeNull());
  expect(fake.drafts).toEqual([]);
});

it('is not signed while empty', async () => {
  const { user } = await begun();
  await user.click(screen.getByTestId('note-sign'));
  expect(await screen.findByTestId('note-sign-confirm')).toBeDisabled();
});

it('asks for passphrase and PIN once the hospital wants them for a signature, and signs with both', async () => {
  const { user, fake } = await begun('text', fakePlatform('open', { token: { label: null } }));
  await user.click(screen.getByTestId('note-sign'));
  expect(await screen.findByTestId('note-sign-confirm')).toBeEnabled();
  expect(screen.queryByTestId('token-pin')).toBeNull();
  fake.failNext('sign_note', 'passphrase_needed');
  await user.click(screen.getByTestId('note-sign-confirm'));
  await waitFor(() => expect(screen.getByTestId('note-sign-passphrase')).toHaveFocus());
  expect(screen.getByTestId('note-sign-confirm')).toBeDisabled();
  await expectAccessible();
  await user.keyboard(PASSPHRASE);
  await user.type(screen.getByTestId('token-pin'), '000000');
  await user.click(screen.getByTestId('note-sign-confirm'));
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'wrong_pin');
  expect(screen.getByTestId('note-sign-passphrase')).toHaveValue('');
  await waitFor(() => expect(screen.getByTestId('note-sign-passphrase')).toHaveFocus());
  await user.keyboard(PASSPHRASE);
  await user.type(screen.getByTestId('token-pin'), PIN);
  await user.click(screen.getByTestId('note-sign-confirm'));
  await waitFor(() => expect(screen.queryByTestId('note-editor')).toBeNull());
  expect(fake.drafts).toEqual([]);
});

it('counts down before another passphrase is taken for a signature', async () => {
  const { user, fake } = await begun('text');
  await user.click(screen.getByTestId('note-sign'));
  fake.failNext('sign_note', 'soft_locked', 30);
  await user.click(await screen.findByTestId('note-sign-confirm'));
  expect(await screen.findByRole('timer')).toHaveTextContent(/0:30|0:29/);
  expect(screen.getByTestId('note-sign-confirm')).toBeDisabled();
});

it('takes SOAP headings', async () => {
  const { user } = await begun();
  await user.click(screen.getByTestId('note-headings'));
  expect(editor().value).toMatch(/^Subjective:\n\nObjective:\n\nAssessment:\n\nPlan:\n\n$/);
});

it('survives a lock: same chart, same text, same caret', async () => {
  const { user, fake } = await begun('before the lock');
  editor().setSelectionRange(6, 9);
  editor().dispatchEvent(new Event('select', { bubbles: true }));
  await user.keyboard('{Control>}l{/Control}');
  expect(await screen.findByTestId('locked')).toBeVisible();
  expect(screen.queryByTestId('desk')).toBeNull();
  expect(document.body.textContent).not.toContain('OKAFOR');
  const saved = fake.calls.findIndex(({ command }) => command === 'save_draft');
  const locked = fake.calls.findIndex(({ command }) => command === 'lock');
  expect(saved).toBeLessThan(locked);

  await user.click(screen.getByTestId('unlock-user-u-diallo'));
  await user.type(screen.getByTestId('unlock-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId(`chart-${PATIENT}`)).toBeVisible();
  expect(await screen.findByTestId('note-editor')).toHaveValue('before the lock');
  expect(editor()).toHaveFocus();
  expect([editor().selectionStart, editor().selectionEnd]).toEqual([6, 9]);
});

it('stops the lock to ask when its text could not be kept', async () => {
  const { user, fake } = await begun();
  fake.failAlways('save_draft', 'disk_full');
  await user.type(editor(), 'precious');
  await user.click(screen.getByTestId('lock'));
  const question = await screen.findByRole('alertdialog');
  expect(fake.calls.some(({ command }) => command === 'lock')).toBe(false);
  await user.click(within(question).getByRole('button', { name: /Stay/ }));
  expect(editor()).toHaveValue('precious');
});

it('disappears from the screen when the core locks by itself', async () => {
  const { fake } = await begun('typed');
  await waitFor(() => expect(fake.drafts[0]?.text).toBe('typed'));
  await act(async () => {
    await fakeLock(fake);
  });
  expect(await screen.findByTestId('locked')).toBeVisible();
  expect(document.body.textContent).not.toContain('OKAFOR');
});

async function fakeLock(fake: ReturnType<typeof fakePlatform>): Promise<void> {
  await fake.call('lock');
}
