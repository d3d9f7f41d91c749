/** What a reviewer may find, and the key for it. */
export const JUDGEMENTS = [
  { code: 'appropriate', key: 'a' },
  { code: 'inappropriate', key: 'i' },
  { code: 'follow-up', key: 'f' },
] as const;

export type Judgement = (typeof JUDGEMENTS)[number]['code'];
