import { expect, it } from 'vitest';
import type { OpenedChart } from '../../platform/bindings/OpenedChart';
import { fakePlatform } from '../../testing/fake';
import { Charts } from './charts';

it('reads a chart once, and again only after it changed', async () => {
  const fake = fakePlatform();
  const charts = new Charts(fake, () => undefined);
  await charts.read('p-okafor');
  charts.need('p-okafor');
  expect(fake.calls).toHaveLength(1);
  charts.outdated('p-okafor');
  charts.need('p-okafor');
  expect(fake.calls).toHaveLength(2);
});

it('shows no chart under another name', async () => {
  const fake = fakePlatform();
  const other = await fake.call('open_chart', { patient: 'p-teen' });
  fake.call = (() => Promise.resolve(other));
  const charts = new Charts(fake, () => undefined);
  await charts.read('p-okafor');
  expect(charts.get('p-okafor')).toMatchObject({ opened: undefined, failure: { code: 'wrong_patient' } });
});

it('drops the answer to an earlier question', async () => {
  const fake = fakePlatform();
  const answers: ((opened: OpenedChart) => void)[] = [];
  const opened = await fake.call('open_chart', { patient: 'p-okafor' });
  fake.call = (() => new Promise((resolve) => answers.push(resolve)));
  const charts = new Charts(fake, () => undefined);
  const first = charts.read('p-okafor');
  const second = charts.read('p-okafor');
  await Promise.resolve();
  const newer = { ...opened, pinned: true };
  answers[1]?.(newer);
  answers[0]?.(opened);
  await Promise.all([first, second]);
  expect(charts.get('p-okafor').opened).toBe(newer);
});

it('drops an answer that comes after the chart was closed', async () => {
  const fake = fakePlatform();
  const charts = new Charts(fake, () => undefined);
  const reading = charts.read('p-okafor');
  charts.drop('p-okafor');
  await reading;
  expect(charts.get('p-okafor').opened).toBeUndefined();
});

it('keeps what was read when the next reading fails in passing', async () => {
  const fake = fakePlatform();
  const charts = new Charts(fake, () => undefined);
  await charts.read('p-okafor');
  fake.failNext('open_chart', 'internal');
  await charts.read('p-okafor');
  expect(charts.get('p-okafor')).toMatchObject({ failure: { code: 'internal' } });
  expect(charts.get('p-okafor').opened).toBeDefined();
});

it.each(['break_glass_required', 'step_up_required', 'access_suspended', 'forbidden', 'locked'] as const)('takes the chart off the screen on %s', async (code) => {
  const fake = fakePlatform();
  const charts = new Charts(fake, () => undefined);
  await charts.read('p-okafor');
  fake.failNext('open_chart', code);
  await charts.read('p-okafor');
  expect(charts.get('p-okafor').opened).toBeUndefined();
});
