import { expect, it } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { Drafts } from './drafts';

const PATIENT = 'p-okafor';

it('signs the revision that holds everything typed', async () => {
  const fake = fakePlatform();
  const drafts = new Drafts(fake);
  const draft = await drafts.start(PATIENT, '11506-3');
  draft.type('Seen.', 5);
  await drafts.sign(draft);
  const [save, sign] = fake.calls.slice(-2);
  expect(save).toMatchObject({ command: 'save_draft', args: { request: { text: 'Seen.' } } });
  expect(sign).toMatchObject({ command: 'sign_note', args: { patient: PATIENT, draft: draft.id, revision: 1, passphrase: null } });
  expect(drafts.of(PATIENT)).toEqual([]);
});

it('does not sign what could not be saved', async () => {
  const fake = fakePlatform();
  const drafts = new Drafts(fake);
  const draft = await drafts.start(PATIENT, '11506-3');
  draft.type('Seen.', 5);
  fake.failAlways('save_draft', 'disk_full');
  await expect(drafts.sign(draft)).rejects.toMatchObject({ code: 'disk_full' });
  expect(fake.calls.some(({ command }) => command === 'sign_note')).toBe(false);
  expect(drafts.get(draft.id)?.text).toBe('Seen.');
  draft.close();
});

it('keeps what is on screen over what the core last heard', async () => {
  const fake = fakePlatform();
  const drafts = new Drafts(fake);
  const draft = await drafts.start(PATIENT, '11506-3');
  draft.type('newer', 5);
  drafts.adopt(fake.drafts);
  expect(drafts.get(draft.id)?.text).toBe('newer');
  draft.close();
});

it('keeps both texts of a conflict', async () => {
  const fake = fakePlatform();
  const drafts = new Drafts(fake);
  const draft = await drafts.start(PATIENT, '11506-3');
  const elsewhere = fake.drafts[0];
  Object.assign(elsewhere ?? {}, { text: 'theirs', revision: 7 });
  draft.type('mine', 4);
  expect(await draft.flush()).toBe(false);
  expect(draft.status().failure?.code).toBe('draft_conflict');
  const copy = await drafts.fork(draft);
  expect(fake.drafts.map(({ text }) => text)).toEqual(['theirs', 'mine']);
  expect(copy.text).toBe('mine');
});

it('refuses a draft that the core began for somebody else', async () => {
  const fake = fakePlatform();
  fake.answer('start_note', async (normal) => ({ ...(await normal()), patient: 'p-teen' }));
  await expect(new Drafts(fake).start(PATIENT, '11506-3')).rejects.toMatchObject({ code: 'wrong_patient' });
});
