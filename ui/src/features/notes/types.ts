/** Kinds of note offered, by LOINC document code; the first is what Alt+N starts. Names are `note_type.<code>` in the words. */
export const NOTE_TYPES = [
  { code: '11506-3' },
  { code: '34746-8' },
  { code: '34748-4' },
  { code: '11488-4' },
  { code: '34117-2' },
  { code: '28570-0' },
  { code: '18842-5' },
] as const;

/** Headings of a problem-oriented note (Subjective, Objective, Assessment, Plan). */
export const SOAP = ['subjective', 'objective', 'assessment', 'plan'] as const;
