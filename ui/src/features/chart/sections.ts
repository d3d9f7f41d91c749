/** The chart's sections in reading order, with the letter that follows "g". */
export const SECTIONS = [
  { id: 'summary', key: 't' },
  { id: 'problems', key: 'p' },
  { id: 'allergies', key: 'a' },
  { id: 'medications', key: 'm' },
  { id: 'vitals', key: 'v' },
  { id: 'labs', key: 'l' },
  { id: 'documents', key: 'n' },
  { id: 'encounters', key: 'e' },
  { id: 'immunizations', key: 'i' },
  { id: 'reports', key: 'r' },
  { id: 'procedures', key: 'c' },
  { id: 'orders', key: 'd' },
  { id: 'observations', key: 'b' },
  { id: 'other', key: 'x' },
] as const;

export type SectionId = (typeof SECTIONS)[number]['id'];
