import type { SectionId } from '../chart/sections';
import { type NoteCode, noteKinds } from '../notes/types';
import { useDesk } from './DeskContext';

/** The part of a chart behind each section, as roles are granted it. The core decides; this only explains what it left out. */
const SCOPE: Record<Exclude<SectionId, 'summary'>, string> = {
  problems: 'patient.problems',
  allergies: 'patient.allergies',
  medications: 'patient.medications',
  vitals: 'patient.vitals',
  labs: 'patient.labs',
  documents: 'patient.notes',
  encounters: 'patient.encounters',
  immunizations: 'patient.immunizations',
  reports: 'patient.labs',
  procedures: 'patient.procedures',
  orders: 'patient.orders',
  observations: 'patient.vitals',
  other: 'patient.care',
};

/** What the role of whoever is working may do. */
export interface May {
  /** Whether a section is part of what the role may read. */
  read: (section: SectionId) => boolean;
  /** Finds patients and sees the schedule: without this, there is nothing of a patient's to show, and nothing to miss. */
  findPatients: boolean;
  /** Kinds of note it may begin and sign, in the order of offering; the first is what Alt+N starts. */
  notes: readonly NoteCode[];
  readAudit: boolean;
  /** Judges emergency accesses. */
  reviewEmergencies: boolean;
  /** Takes a quarantined audit chain up again. */
  liftQuarantine: boolean;
  /** Looks after the workstation: who has a place on it, recovery, erasing. */
  keepWorkstation: boolean;
}

export function useMay(): May {
  const { may } = useDesk().desk;
  return {
    // Results stand among the observations, so either of the two grants shows both.
    read: (section) =>
      section === 'summary' ||
      may.includes(SCOPE[section]) ||
      ((section === 'labs' || section === 'vitals' || section === 'observations') &&
        (may.includes(SCOPE.labs) || may.includes(SCOPE.vitals))),
    findPatients: may.includes('patient.demographics'),
    notes: noteKinds(may),
    readAudit: may.includes('audit.chain'),
    reviewEmergencies: may.includes('audit.chain') && may.includes('break_glass_reviews'),
    liftQuarantine: may.includes('devices') || may.includes('break_glass_reviews'),
    keepWorkstation: may.includes('devices'),
  };
}
