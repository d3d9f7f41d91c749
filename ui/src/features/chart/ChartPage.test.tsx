import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { PASSPHRASE, fakePlatform } from '../../testing/fake';
import { expectAccessible, showChart } from '../../testing/render';

const LOINC = 'http://loinc.org|';

describe('the banner', () => {
  it('names the patient in the fixed order', async () => {
    await showChart('p-okafor');
    const banner = await screen.findByTestId('banner');
    expect(banner.textContent).toMatch(/OKAFOR, Ngozi Adaeze \(Mrs\).*Born.*12-Mar-1961 \(65y\).*Gender.*Female.*MRN.*0042-1187/);
    expect(within(banner).getByTestId('banner-name')).toHaveTextContent(/^OKAFOR, Ngozi Adaeze \(Mrs\)$/);
    expect(banner).toHaveTextContent('Falls risk');
    expect(banner).toHaveTextContent('Penicillin G');
    expect(within(banner).getByTestId('as-of')).toHaveTextContent('3 minutes ago');
    await expectAccessible();
  });

  it('says that somebody has died', async () => {
    await showChart('p-died');
    expect(await screen.findByTestId('banner')).toHaveTextContent('Died12-Mar-2024');
  });

  it('says that a name is easily mistaken', async () => {
    await showChart('p-smith-j');
    expect(await screen.findByTestId('banner')).toHaveTextContent('look twice');
  });
});

describe('allergies stand in one of four states', () => {
  it('known', async () => {
    await showChart('p-okafor');
    const section = await screen.findByTestId('section-allergies');
    expect(section).toHaveTextContent('Penicillin G');
    expect(section.querySelector('[data-allergies]')).toBeNull();
  });

  it.each([
    ['p-chinese', 'none_known', 'No known allergies'],
    ['p-smith-j', 'not_recorded', 'ask the patient'],
    ['p-broken', 'unreadable', 'do not rely on this list'],
  ])('%s: %s', async (patient, state, words) => {
    await showChart(patient);
    const section = await screen.findByTestId('section-allergies');
    expect(section.querySelector(`[data-allergies=${state}]`)).toHaveTextContent(words);
    expect(await screen.findByTestId('banner')).toHaveTextContent(words);
  });
});

describe('what is not known', () => {
  it('is said of a chart that was never completely fetched', async () => {
    await showChart('p-empty');
    expect(await screen.findByTestId('chart-incomplete')).toBeVisible();
    for (const section of ['problems', 'medications', 'vitals', 'labs', 'documents']) {
      expect(screen.getByTestId(`section-${section}`)).toHaveTextContent('not known yet');
      expect(screen.getByTestId(`section-${section}`)).not.toHaveTextContent('none recorded');
    }
    expect(screen.getByTestId('section-allergies')).toHaveTextContent('not known yet');
    expect(screen.getByTestId('as-of')).toHaveTextContent('Never completely fetched');
  });

  it('is said of sections that are not for this role', async () => {
    const fake = fakePlatform('open', { may: ['patient.demographics', 'patient.allergies'] });
    fake.answer('open_chart', async (normal) => {
      const opened = await normal();
      return { ...opened, chart: { ...opened.chart, problems: [] } };
    });
    await showChart('p-okafor', fake);
    expect(await screen.findByTestId('section-problems')).toHaveTextContent('not shown to your role');
    expect(screen.queryByTestId('note-new')).toBeNull();
  });

  it('is said of records that cannot be read, and of those withheld', async () => {
    await showChart('p-broken');
    expect(await screen.findByTestId('chart-unreadable')).toHaveTextContent('2 records of this chart cannot be read');
    expect(screen.getByTestId('chart-withheld')).toHaveTextContent('3 restricted records are not shown');
    await expectAccessible();
  });

  it('is said of kinds this version does not display', async () => {
    await showChart('p-okafor');
    expect(await screen.findByTestId('not-displayed')).toHaveTextContent('Claim (12)');
  });
});

describe('measurements', () => {
  it('are flagged by letter and word', async () => {
    await showChart('p-okafor');
    const saturation = await screen.findByTestId(`vital-row-${LOINC}59408-5`);
    expect(saturation).toHaveTextContent('LL critical low');
    const temperature = screen.getByTestId(`vital-row-${LOINC}8310-5`);
    expect(temperature).toHaveTextContent('H high');
    expect(screen.getByTestId(`vital-row-${LOINC}29463-7`)).toHaveTextContent('no range');
  });

  it('open to their course, with every value in a table', async () => {
    const { user } = await showChart('p-okafor');
    const row = await screen.findByTestId(`vital-row-${LOINC}8310-5`);
    expect(row).toHaveAttribute('aria-expanded', 'false');
    row.focus();
    await user.keyboard('{Enter}');
    const trend = await screen.findByTestId(`trend-${LOINC}8310-5`);
    const rows = within(within(trend).getByTestId('trend-table')).getAllByRole('row').slice(1);
    expect(rows.map(({ textContent }) => textContent)).toHaveLength(5);
    expect(rows[0]).toHaveTextContent('38.4');
    expect(rows[4]).toHaveTextContent('36.8');
    await expectAccessible();
  });

  it('show blood pressure as two lines in one', async () => {
    await showChart('p-okafor');
    const trend = await screen.findByTestId(`trend-${LOINC}85354-9`);
    expect(trend).toHaveTextContent('diastolic');
    expect(within(trend).getByTestId('trend-table')).toHaveTextContent(/\d+\/\d+/);
  });

  it('of the laboratory narrow to what is out of range', async () => {
    const { user } = await showChart('p-okafor');
    await user.click(await screen.findByTestId('labs-abnormal'));
    expect(await screen.findByTestId(`lab-row-${LOINC}2823-3`)).toHaveTextContent('HH critical high');
    expect(screen.queryByTestId(`lab-row-${LOINC}777-3`)).toBeNull();
  });
});

it('moves through a list by J and K', async () => {
  const { user } = await showChart('p-okafor');
  const rows = within(await screen.findByTestId('section-problems')).getAllByRole('row').slice(1);
  rows[0]?.focus();
  await user.keyboard('jj');
  await nextFrame();
  expect(rows[2]).toHaveFocus();
  await user.keyboard('k');
  await nextFrame();
  expect(rows[1]).toHaveFocus();
});

it('goes to a section by two keys', async () => {
  const { user } = await showChart('p-okafor');
  await screen.findByTestId('section-medications');
  await user.keyboard('gm');
  expect(within(screen.getByTestId('section-medications')).getByRole('heading')).toHaveFocus();
});

it('draws only part of a long list, and tells its whole length', async () => {
  await showChart('p-okafor', fakePlatform('open', { large: true }));
  const grid = within(await screen.findByTestId('section-other')).getByRole('grid');
  expect(grid).toHaveAttribute('aria-rowcount', '141');
  expect(within(grid).getAllByRole('row').length).toBeLessThan(141);
});

it('reads a document beside the chart, and says when it cannot be shown', async () => {
  const { user } = await showChart('p-okafor');
  await user.click(await screen.findByTestId('document-doc-p-okafor-0'));
  expect(await screen.findByRole('document')).toHaveTextContent('Acute decompensation');
  await expectAccessible();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('reader')).toBeNull();
  await user.click(screen.getByTestId('document-doc-p-okafor-3'));
  expect(await within(screen.getByTestId('reader')).findByText(/not on this workstation/)).toBeVisible();
});

it('is read again when it changed', async () => {
  const { fake } = await showChart('p-okafor');
  await screen.findByTestId('banner');
  const reads = () => fake.calls.filter(({ command }) => command === 'open_chart').length;
  const before = reads();
  await act(async () => {
    fake.emit('chart-changed', { patient: 'p-baby' });
    fake.emit('chart-changed', { patient: 'p-okafor' });
    await Promise.resolve();
  });
  expect(reads()).toBe(before + 1);
});

it('says why a chart does not open', async () => {
  const fake = fakePlatform();
  fake.failNext('open_chart', 'forbidden');
  await showChart('p-okafor', fake);
  expect(await screen.findByRole('alert')).toHaveAttribute('data-code', 'forbidden');
  expect(screen.queryByTestId('banner')).toBeNull();
});

it('asks who it is once more where the access is unusual, and then opens the chart', async () => {
  const fake = fakePlatform();
  fake.failNext('open_chart', 'step_up_required');
  const { user } = await showChart('p-okafor', fake);
  const field = await screen.findByTestId('own-passphrase');
  expect(screen.queryByTestId('banner')).toBeNull();
  await user.type(field, 'not the passphrase{Enter}');
  expect(await screen.findByTestId('confirm-error')).toHaveAttribute('data-code', 'wrong_passphrase');
  expect(screen.queryByTestId('banner')).toBeNull();
  await user.type(screen.getByTestId('own-passphrase'), `${PASSPHRASE}{Enter}`);
  expect(await screen.findByTestId('banner')).toBeVisible();
  expect(screen.queryByTestId('own-passphrase')).toBeNull();
});

it('offers emergency access where charts of strangers are closed for a while', async () => {
  const fake = fakePlatform();
  fake.failNext('open_chart', 'access_suspended');
  await showChart('p-okafor', fake);
  expect(await screen.findByTestId('break-glass')).toBeVisible();
});

async function nextFrame(): Promise<void> {
  await act(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => resolve());
      }),
  );
}
