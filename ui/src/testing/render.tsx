import { render, type RenderResult, screen } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { I18nProvider } from 'react-aria-components';
import { expect } from 'vitest';
import { App } from '../app/App';
import { PlatformProvider } from '../platform/context';
import { type Fake, fakePlatform } from './fake';
import { personOf } from './patients';

/** The whole page over a fake core. */
export function show(fake: Fake): RenderResult & { user: UserEvent } {
  const user = userEvent.setup();
  const result = render(
    <I18nProvider locale="en-GB">
      <PlatformProvider value={fake}>
        <App />
      </PlatformProvider>
    </I18nProvider>,
  );
  return { ...result, user };
}

/** An open desk with this patient's chart in front. */
export async function showChart(patient: string, fake: Fake = fakePlatform()): Promise<{ user: UserEvent; fake: Fake }> {
  const { user } = show(fake);
  await screen.findByTestId('desk');
  await user.click(screen.getByTestId('schedule-all'));
  await user.type(screen.getByTestId('search'), personOf(patient)?.number.slice(-4) ?? patient);
  await user.click(await screen.findByTestId(`search-row-${patient}`));
  await screen.findByTestId(`chart-${patient}`);
  return { user, fake };
}

/** Runs an action by its words, from the palette. */
export async function command(user: UserEvent, words: string): Promise<void> {
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByTestId('palette-input'), `${words}{Enter}`);
}

/** Nothing that axe can tell stands in the way of anybody. Contrast and sizes need a real layout and are looked at in the window. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document.body, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
    resultTypes: ['violations'],
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
