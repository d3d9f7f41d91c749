/** Kinds of note, by LOINC document code, in the order of offering, and the right to each. Names are `note_type.<code>` in the words. */
export const NOTE_TYPES = [
  { code: '11506-3', right: 'patient.notes.progress' },
  { code: '34746-8', right: 'patient.notes.nursing' },
  { code: '34748-4', right: 'patient.notes.telephone' },
  { code: '11488-4', right: 'patient.notes.consult' },
  { code: '34117-2', right: 'patient.notes.history' },
  { code: '28570-0', right: 'patient.notes.procedure' },
  { code: '18842-5', right: 'patient.notes.discharge' },
] as const;

export type NoteCode = (typeof NOTE_TYPES)[number]['code'];

/** The kinds a role may begin and sign; the first is what Alt+N starts. */
export function noteKinds(may: readonly string[]): NoteCode[] {
  return NOTE_TYPES.filter(({ right }) => may.includes(right)).map(({ code }) => code);
}

/** Headings of a problem-oriented note (Subjective, Objective, Assessment, Plan). */
export const SOAP = ['subjective', 'objective', 'assessment', 'plan'] as const;
