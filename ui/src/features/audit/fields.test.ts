import { expect, it } from 'vitest';
import { fieldsOf } from './fields';

it('sets every leaf of both sides beside the other', () => {
  const before = '{"resourceType":"Observation","code":{"text":"Potassium"},"note":[{"text":"a"},{"text":"b"}],"number":"7"}';
  const after = '{"resourceType":"Observation","code":{"text":"Potassium"},"note":[{"text":"a"}],"number":"8","active":true}';
  expect(fieldsOf(before, after)).toEqual([
    { path: 'resourceType', before: 'Observation', after: 'Observation' },
    { path: 'code.text', before: 'Potassium', after: 'Potassium' },
    { path: 'note[0].text', before: 'a', after: 'a' },
    { path: 'note[1].text', before: 'b', after: undefined },
    { path: 'number', before: '7', after: '8' },
    { path: 'active', before: undefined, after: 'true' },
  ]);
});

it('has no fields where a side is absent on both, or is no JSON', () => {
  expect(fieldsOf(null, null)).toEqual([]);
  expect(fieldsOf('words', null)).toEqual([]);
  expect(fieldsOf(null, '{"a":null}')).toEqual([{ path: 'a', before: undefined, after: 'null' }]);
});
