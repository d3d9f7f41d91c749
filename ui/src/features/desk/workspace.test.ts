import { describe, expect, it } from 'vitest';
import { EMPTY, type Move, moved, type Workspace } from './workspace';

const after = (...moves: Move[]): Workspace => moves.reduce(moved, EMPTY);
const open = (patient: string): Move => ({ to: 'open', patient, name: patient.toUpperCase() });

describe('charts', () => {
  it('open once, in front, each with a colour of its own', () => {
    const workspace = after(open('a'), open('b'), open('a'));
    expect(workspace.tabs.map(({ patient }) => patient)).toEqual(['a', 'b']);
    expect(workspace.front).toBe('a');
    expect(new Set(workspace.tabs.map(({ hue }) => hue)).size).toBe(2);
  });

  it('share colours only when there are more charts than colours', () => {
    const workspace = after(...Array.from({ length: 9 }, (_, n) => open(`p${n}`)));
    expect(new Set(workspace.tabs.slice(0, 8).map(({ hue }) => hue)).size).toBe(8);
    expect(workspace.tabs[8]?.hue).toBe(1);
  });

  it('give way to their neighbour when closed', () => {
    expect(after(open('a'), open('b'), open('c'), { to: 'close', patient: 'c' }).front).toBe('b');
    expect(after(open('a'), open('b'), { to: 'front', patient: 'a' }, { to: 'close', patient: 'a' }).front).toBe('b');
    expect(after(open('a'), { to: 'close', patient: 'a' }).front).toBeNull();
  });

  it('closed in the background leave the one in front', () => {
    expect(after(open('a'), open('b'), { to: 'close', patient: 'a' }).front).toBe('b');
  });

  it('come to the front only when open', () => {
    expect(after(open('a'), { to: 'front', patient: 'z' }).front).toBe('a');
  });

  it('bring their page with them', () => {
    expect(after(open('a'), { to: 'page', page: 'outbox' }, { to: 'front', patient: 'a' }).page).toBe('chart');
  });
});

it('a draft opens in its own chart alone', () => {
  const workspace = after(open('a'), open('b'), { to: 'draft', patient: 'a', draft: 'd' });
  expect(workspace.tabs.map(({ draft }) => draft)).toEqual(['d', null]);
});

it('what changes nothing is the same value', () => {
  const workspace = after(open('a'));
  expect(moved(workspace, { to: 'name', patient: 'a', name: 'A' })).toBe(workspace);
  expect(moved(workspace, { to: 'close', patient: 'z' })).toBe(workspace);
});
