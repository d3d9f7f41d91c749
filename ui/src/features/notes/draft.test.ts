import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DraftSaved } from '../../platform/bindings/DraftSaved';
import type { SaveDraft } from '../../platform/bindings/SaveDraft';
import { CommandFailed } from '../../platform/failure';
import { Draft, LONGEST_MS, PAUSE_MS } from './draft';

/** A core whose saves are answered by hand. */
function core() {
  const waiting: { request: SaveDraft; answer: (saved: DraftSaved) => void; refuse: (failure: CommandFailed) => void }[] = [];
  const requests: SaveDraft[] = [];
  const save = (request: SaveDraft) =>
    new Promise<DraftSaved>((answer, refuse) => {
      requests.push(request);
      waiting.push({ request, answer, refuse });
    });
  const settle = async (how: (one: (typeof waiting)[number]) => void) => {
    const one = waiting.shift();
    if (one === undefined) throw new Error('nothing is under way');
    how(one);
    await vi.advanceTimersByTimeAsync(0);
  };
  return {
    save,
    requests,
    acknowledge: () => settle(({ request, answer }) => answer({ revision: request.revision + 1 })),
    refuse: (code: CommandFailed['code']) => settle(({ refuse }) => refuse(new CommandFailed(code, 'c-9'))),
    underWay: () => waiting.length,
  };
}

const VIEW = { draft: 'd', patient: 'p', note_type: '11506-3', text: '', caret: 0, revision: 4, saved_at: '2026-11-22T10:00:00Z' };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('when it saves', () => {
  it('after a pause of the hands, with the revision the core gave', async () => {
    const { save, requests, acknowledge } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    expect(requests).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests).toEqual([{ patient: 'p', draft: 'd', text: 'a', caret: 1, revision: 4 }]);
    await acknowledge();
    expect(draft.status().state).toBe('saved');
    expect(draft.revision).toBe(5);
  });

  it('also while typing goes on: no keystroke waits longer than the limit', async () => {
    const { save, requests } = core();
    const draft = new Draft(VIEW, save);
    for (let typed = 1; typed * 100 <= LONGEST_MS; typed++) {
      draft.type('x'.repeat(typed), typed);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(requests).toHaveLength(1);
    expect(requests[0]?.text.length).toBeGreaterThanOrEqual(LONGEST_MS / 100 - 1);
  });

  it('one at a time, and again at once for what was typed meanwhile', async () => {
    const { save, requests, acknowledge, underWay } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    draft.type('ab', 2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(underWay()).toBe(1);
    expect(draft.status().state).toBe('saving');
    await acknowledge();
    expect(draft.status().state).not.toBe('saved');
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(requests.at(-1)).toMatchObject({ text: 'ab', revision: 5 });
    await acknowledge();
    expect(draft.status().state).toBe('saved');
  });

  it('never says saved of text that is not on disk', async () => {
    const { save, acknowledge } = core();
    const draft = new Draft(VIEW, save);
    const wrong: string[] = [];
    let onDisk = '';
    draft.watch(() => {
      if (draft.status().state === 'saved' && draft.text !== onDisk) wrong.push(draft.text);
    });
    draft.type('a', 1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    draft.type('ab', 2);
    onDisk = 'a';
    await acknowledge();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    onDisk = 'ab';
    await acknowledge();
    expect(wrong).toEqual([]);
    expect(draft.status().state).toBe('saved');
  });
});

describe('when a save fails', () => {
  it('keeps the text, says so, and tries again by itself', async () => {
    const { save, requests, acknowledge, refuse } = core();
    const draft = new Draft(VIEW, save);
    draft.type('precious', 8);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    await refuse('disk_full');
    expect(draft.status()).toMatchObject({ state: 'failed', failure: { code: 'disk_full' } });
    expect(draft.text).toBe('precious');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(requests).toHaveLength(2);
    await acknowledge();
    expect(draft.status()).toMatchObject({ state: 'saved', failure: undefined });
  });

  it('leaves a conflict to a person', async () => {
    const { save, requests, refuse } = core();
    const draft = new Draft(VIEW, save);
    draft.type('mine', 4);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    await refuse('draft_conflict');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(1);
    expect(draft.text).toBe('mine');
  });

  it('goes on saying so while more is typed', async () => {
    const { save, refuse } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    await refuse('disk_full');
    draft.type('ab', 2);
    expect(draft.status().state).toBe('failed');
  });
});

describe('flush', () => {
  it('does not wait for the pause', async () => {
    const { save, requests, acknowledge } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    const flushed = draft.flush();
    expect(requests).toHaveLength(1);
    await acknowledge();
    await expect(flushed).resolves.toBe(true);
  });

  it('waits for the save under way and for what came after it', async () => {
    const { save, requests, acknowledge } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    draft.type('ab', 2);
    const flushed = draft.flush();
    await acknowledge();
    expect(requests.at(-1)?.text).toBe('ab');
    await acknowledge();
    await expect(flushed).resolves.toBe(true);
  });

  it('says when it could not', async () => {
    const { save, refuse } = core();
    const draft = new Draft(VIEW, save);
    draft.type('a', 1);
    const flushed = draft.flush();
    await refuse('disk_full');
    await expect(flushed).resolves.toBe(false);
  });

  it('asks for nothing when nothing changed', async () => {
    const { save, requests } = core();
    await expect(new Draft(VIEW, save).flush()).resolves.toBe(true);
    expect(requests).toEqual([]);
  });
});

it('saves nothing after it was signed or discarded', async () => {
  const { save, requests } = core();
  const draft = new Draft(VIEW, save);
  draft.type('a', 1);
  draft.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(requests).toEqual([]);
});
