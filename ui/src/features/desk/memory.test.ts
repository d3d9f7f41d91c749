import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakePlatform } from '../../testing/fake';
import { Memory, read, type Remembered, write } from './memory';
import { EMPTY, moved } from './workspace';

const opened = moved(EMPTY, { to: 'open', patient: 'a', name: 'OKAFOR, Ngozi 欧阳' });
const remembered = (): Remembered => ({
  workspace: moved({ ...opened, theme: 'dark', singleKeys: false, rail: false }, { to: 'draft', patient: 'a', draft: 'd' }),
  places: new Map([['a', { section: 'labs', offset: 120 }]]),
  carets: new Map([['d', { start: 3, end: 9, scroll: 40 }]]),
});

describe('what is kept', () => {
  it('comes back as it was', () => {
    expect(read(write(remembered()))).toEqual(remembered());
  });

  it('forgets places of charts that are closed', () => {
    const memory = remembered();
    memory.places.set('closed', { section: 'labs', offset: 1 });
    expect(read(write(memory)).places.has('closed')).toBe(false);
  });

  it('stays within what the core takes', () => {
    const memory = remembered();
    for (let n = 0; n < 5_000; n++) memory.carets.set(`draft-${n}`, { start: n, end: n, scroll: n });
    const text = write(memory);
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(64 * 1024);
    expect(read(text).workspace).toEqual(memory.workspace);
  });

  it.each([[null], [''], ['{'], ['[]'], ['{"v":2}'], ['{"v":1,"tabs":[{"patient":7}],"front":"x","theme":"pink","places":{"a":{}}}']])(
    'that does not read (%s) is an empty desk',
    (text) => {
      expect(read(text)).toEqual({ workspace: EMPTY, places: new Map(), carets: new Map() });
    },
  );
});

describe('keeping', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('hands over once what comes within half a second', async () => {
    const fake = fakePlatform();
    const memory = new Memory(fake, remembered());
    memory.touch();
    await vi.advanceTimersByTimeAsync(300);
    memory.touch();
    await vi.advanceTimersByTimeAsync(199);
    expect(fake.calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    memory.touch();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fake.calls.map(({ command }) => command)).toEqual(['keep_memory']);
  });

  it('does not wait for the hands to rest', async () => {
    const fake = fakePlatform();
    const memory = new Memory(fake, remembered());
    for (let key = 0; key < 20; key++) {
      memory.carets.set('d', { start: key, end: key, scroll: 0 });
      memory.touch();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(read(fake.memory).carets.get('d')?.start).toBeGreaterThanOrEqual(14);
  });

  it('lets no earlier hand-over arrive after a later one', async () => {
    const arrived: number[] = [];
    const slow = fakePlatform();
    const waits = [200, 0];
    slow.call = (async (_command: string, { memory }: { memory: string }) => {
      await new Promise((done) => setTimeout(done, waits.shift()));
      arrived.push(read(memory).carets.get('d')?.start ?? -1);
      return null;
    }) as typeof slow.call;
    const memory = new Memory(slow, remembered());
    for (const start of [1, 2]) {
      memory.carets.set('d', { start, end: start, scroll: 0 });
      void memory.flush();
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(arrived).toEqual([1, 2]);
  });

  it('tries again after a failure', async () => {
    const fake = fakePlatform();
    fake.failNext('keep_memory', 'disk_full');
    const memory = new Memory(fake, remembered());
    await memory.flush();
    await memory.flush();
    expect(fake.memory).toBe(write(remembered()));
  });
});
