import { expect, it } from 'vitest';
import { CommandFailed, failureFrom } from './failure';

it('reads a command error', () => {
  const failure = failureFrom({ code: 'soft_locked', correlation_id: 'c-1', retry_after_seconds: 30 });
  expect(failure).toMatchObject({ code: 'soft_locked', correlationId: 'c-1', retryAfterSeconds: 30 });
});

it.each([['a text'], [null], [undefined], [{ code: 'of the future' }], [{ message: 'ANDERSON, Ada: not found' }]])(
  'takes %j for a fault of ours, and repeats nothing of it',
  (reason) => {
    const failure = failureFrom(reason);
    expect(failure.code).toBe('internal');
    expect(failure.message).toBe('internal');
  },
);

it('passes its own kind on', () => {
  const failure = new CommandFailed('not_found', 'c-2');
  expect(failureFrom(failure)).toBe(failure);
});
