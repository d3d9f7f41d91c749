import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { type Fake, fakePlatform } from '../../testing/fake';
import { expectAccessible, show } from '../../testing/render';

async function open(fake: Fake) {
  const { user } = show(fake);
  await user.click(await screen.findByTestId('page-workstation'));
  return { user, part: await screen.findByTestId('workstation-settings') };
}

it('lists every setting the core knows, with its value and who set it', async () => {
  const fake = fakePlatform();
  const { part } = await open(fake);
  const line = async (name: string) => within(part).findByTestId(`setting-${name}`);
  expect(await line('idle_seconds')).toHaveTextContent('90 seconds🔒 set by your hospital · set when Satchel was started');
  expect(await line('session_cap_hours')).toHaveTextContent('12 hoursdefault');
  expect(await line('step_up')).toHaveTextContent('signing · emergency access🔒 set by your hospital');
  expect(await line('rotation_days')).toHaveTextContent('database: 180 days · audit chain: 365 days');
  expect(await line('allow_tls_1_2')).toHaveTextContent('TLS 1.2) is allowedyes🔒 set by your hospital');
  expect(await line('ehr')).toHaveTextContent('https://ehr.example.org/fhirset when Satchel was started');
  expect(await line('further_root')).toHaveTextContent('not setdefault');
  expect(await line('of_a_later_version')).toHaveTextContent('of_a_later_version');
  expect(part.querySelectorAll('tbody tr')).toHaveLength(fake.settings.settings.length);
  expect(part.querySelectorAll('button, input, select')).toHaveLength(0);
  await expectAccessible();
});

it('says how the policy stands and what IT must look at', async () => {
  const fake = fakePlatform();
  const { part } = await open(fake);
  expect(await within(part).findByTestId('settings-standing')).toHaveTextContent('policy is in force');
  expect(within(part).getByTestId('settings-findings')).toHaveTextContent('TLS 1.2 alone is talked to');
});

it.each(['gone', 'not_the_administrators', 'unbelievable'] as const)('warns of a policy that is %s', async (standing) => {
  const fake = fakePlatform();
  fake.settings = { ...fake.settings, standing };
  const { part } = await open(fake);
  expect(await within(part).findByTestId('settings-standing')).toHaveAttribute('data-tone', 'danger');
});

it('shows a failure, never an empty list', async () => {
  const fake = fakePlatform();
  fake.failAlways('settings', 'internal');
  const { user, part } = await open(fake);
  expect(await within(part).findByTestId('settings-failed')).toBeVisible();
  expect(within(part).queryByTestId('settings')).toBeNull();
  fake.failAlways('settings', null);
  await user.click(within(part).getByRole('button'));
  expect(await within(part).findByTestId('settings')).toBeVisible();
});
