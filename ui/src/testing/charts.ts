/** Invented charts, the same at every run. */
import type { Abnormal } from '../platform/bindings/Abnormal';
import type { ChartView } from '../platform/bindings/ChartView';
import type { DocumentRow } from '../platform/bindings/DocumentRow';
import type { Line } from '../platform/bindings/Line';
import type { Medication } from '../platform/bindings/Medication';
import type { Point } from '../platform/bindings/Point';
import type { Problem } from '../platform/bindings/Problem';
import type { RecordState } from '../platform/bindings/RecordState';
import type { Series } from '../platform/bindings/Series';
import type { Source } from '../platform/bindings/Source';
import { bannerOf, type Person } from './patients';

export const NOW = Date.now();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A `large` one has lists long enough to be drawn in part. */
export function chartOf(person: Person, large: boolean): ChartView {
  const banner = bannerOf(person);
  if (person.id === 'p-empty') return { ...bare(person), as_of: null, incomplete: true };
  const full: ChartView = {
    ...bare(person),
    problems: problems(),
    allergies:
      person.id === 'p-chinese'
        ? { state: 'none_known', source: source('AllergyIntolerance', 'nka') }
        : person.id === 'p-smith-j'
          ? { state: 'not_recorded' }
          : person.id === 'p-broken'
            ? { state: 'unreadable', items: allergies().slice(1), unreadable: 1 }
            : { state: 'known', items: allergies() },
    medications: medications(),
    vitals: vitals(),
    labs: labs(large),
    observations: [
      series('72166-2', 'Tobacco smoking status', null, [['Former smoker', null, 'unknown']], {}),
      series('44249-1', 'PHQ-9 total score', '{score}', [['9', 9, 'unknown'], ['14', 14, 'unknown'], ['11', 11, 'unknown']], {}),
    ],
    immunizations: ['Influenza, seasonal, injectable|141|14-Oct-2026', 'COVID-19, mRNA, 30 mcg/0.3 mL|208|02-Oct-2025', 'Pneumococcal conjugate PCV20|216|11-Mar-2024', 'Tdap|115|05-Jun-2019'].map(
      (row, i) => {
        const [vaccine = '', cvx = '', given = ''] = row.split('|');
        return { source: source('Immunization', `imm-${i}`), vaccine, cvx, given, status: i === 2 ? 'not-done' : 'completed', detail: i === 0 ? 'Lot FL2231' : null };
      },
    ),
    encounters: Array.from({ length: large ? 34 : 4 }, (_, i) => ({
      source: source('Encounter', `enc-${i}`),
      kind: i % 5 === 0 ? 'Emergency: chest pain' : 'Ambulatory: follow-up',
      period: `${date(NOW - (i + 1) * 31 * DAY)} 09:20 – 09:45`,
      status: i === 0 ? 'in-progress' : 'finished',
      reason: i % 3 === 0 ? 'Heart failure with reduced ejection fraction, medication review' : 'Diabetes check',
      with: 'Dr Amara Diallo, Cardiology outpatients',
    })),
    documents: documents(person),
    procedures: Array.from({ length: 9 }, (_, i) => line('Procedure', `proc-${i}`, ['Coronary angiography', 'Colonoscopy', 'Insertion of peripheral venous catheter'][i % 3] ?? '', 'completed', i)),
    reports: Array.from({ length: 14 }, (_, i) => line('DiagnosticReport', `rep-${i}`, ['CT chest with contrast', 'Basic metabolic panel', 'Echocardiography, transthoracic'][i % 3] ?? '', i === 0 ? 'preliminary' : 'final', i)),
    orders: Array.from({ length: 6 }, (_, i) => line('ServiceRequest', `ord-${i}`, ['Blood culture ×2', 'Physiotherapy', 'MRI lumbar spine'][i % 3] ?? '', i < 2 ? 'active' : 'completed', i)),
    other: Array.from({ length: large ? 140 : 6 }, (_, i) => line(['MedicationAdministration', 'CarePlan', 'Goal', 'Task', 'Communication', 'QuestionnaireResponse'][i % 6] ?? '', `oth-${i}`, ['Metoprolol 50 mg given', 'Heart failure care plan', 'Weight below 82 kg', 'Call the family', 'Message to the ward', 'Pain assessment'][i % 6] ?? '', 'completed', i)),
    not_displayed: [{ name: 'Claim', count: 12 }, { name: 'ExplanationOfBenefit', count: 12 }],
  };
  if (person.id === 'p-broken') {
    full.unreadable = [
      { kind: 'AllergyIntolerance', id: 'alg-0', why: 'seal' },
      { kind: 'Observation', id: null, why: 'content' },
    ];
    full.withheld = 3;
  }
  return { ...full, banner };
}

function bare(person: Person): ChartView {
  return {
    banner: bannerOf(person),
    as_of: new Date(NOW - 3 * 60_000).toISOString(),
    incomplete: false,
    problems: [],
    allergies: { state: 'not_recorded' },
    medications: [],
    vitals: [],
    labs: [],
    observations: [],
    immunizations: [],
    encounters: [],
    documents: [],
    procedures: [],
    reports: [],
    orders: [],
    other: [],
    unreadable: [],
    withheld: 0,
    not_displayed: [],
  };
}

export function source(kind: string, id: string, state: RecordState = 'synced'): Source {
  return { kind, id, state, last_updated: state === 'local_only' ? null : new Date(NOW - 40 * DAY).toISOString() };
}

function problems(): Problem[] {
  const rows: [string, string, string | null, string, string | null][] = [
    ['Heart failure with reduced ejection fraction', 'active', 'confirmed', '14-Jan-2021', null],
    ['Type 2 diabetes mellitus with diabetic chronic kidney disease', 'active', 'confirmed', '2009', null],
    ['Chronic kidney disease stage 3b', 'active', 'confirmed', 'Mar-2019', null],
    ['Essential hypertension', 'active', 'confirmed', '2004', null],
    ['Pulmonary embolism', 'active', 'provisional', '21-Nov-2026', null],
    ['Atrial fibrillation, paroxysmal', 'recurrence', 'confirmed', '02-Feb-2023', null],
    ['Osteoarthritis of the left knee', 'active', 'confirmed', 'not before 2015', null],
    ['Obstructive sleep apnoea', 'active', 'confirmed', '2018', null],
    ['Community-acquired pneumonia', 'resolved', 'confirmed', '03-Dec-2022', '20-Dec-2022'],
    ['Acute cholecystitis', 'resolved', 'confirmed', '1999', '1999'],
  ];
  return rows.map(([name, status, verification, onset, abated], i) => ({
    source: source('Condition', `cond-${i}`),
    name,
    code: `SNOMED CT ${44054006 + i * 731}`,
    status,
    verification,
    onset,
    abated,
    category: i < 8 ? 'problem-list-item' : 'encounter-diagnosis',
  }));
}

function allergies() {
  return [
    { substance: 'Penicillin G', criticality: 'high', reactions: ['Anaphylaxis (severe)', 'Urticaria (moderate)'], verification: 'confirmed', since: '1987' },
    { substance: 'Iodinated contrast media', criticality: 'high', reactions: ['Bronchospasm (severe)'], verification: 'confirmed', since: '11-Mar-2019' },
    { substance: 'Natural rubber latex', criticality: 'low', reactions: ['Contact dermatitis (mild)'], verification: 'confirmed', since: null },
    { substance: 'Codeine', criticality: null, reactions: [], verification: 'unconfirmed', since: null },
  ].map((row, i) => ({ source: source('AllergyIntolerance', `alg-${i}`), kind: i === 3 ? 'intolerance' : 'allergy', status: 'active', ...row }));
}

function medications(): Medication[] {
  const rows: [string, string | null, string, string | null][] = [
    ['Bisoprolol 5 mg oral tablet', '1 tablet by mouth once daily in the morning', 'active', 'Heart failure'],
    ['Sacubitril/valsartan 49 mg/51 mg oral tablet', '1 tablet by mouth twice daily', 'active', 'Heart failure'],
    ['Furosemide 40 mg oral tablet', '1 tablet in the morning, 1 at noon; hold if systolic < 90 mmHg', 'active', 'Oedema'],
    ['Empagliflozin 10 mg oral tablet', '1 tablet once daily', 'active', 'Type 2 diabetes'],
    ['Insulin glargine 100 units/mL injection', '18 units subcutaneously at 22:00', 'active', 'Type 2 diabetes'],
    ['Apixaban 5 mg oral tablet', '1 tablet twice daily', 'on-hold', 'Atrial fibrillation'],
    ['Atorvastatin 40 mg oral tablet', '1 tablet at night', 'active', null],
    ['Paracetamol 1 g oral tablet', null, 'active', 'Pain'],
    ['Amoxicillin/clavulanate 875 mg/125 mg', '1 tablet three times daily for 7 days', 'stopped', 'Pneumonia'],
    ['Prednisolone 5 mg', 'tapering', 'completed', null],
  ];
  return rows.map(([name, dosage, status, reason], i) => ({
    source: source(i === 7 ? 'MedicationStatement' : 'MedicationRequest', `med-${i}`),
    name,
    dosage,
    status,
    intent: i === 7 ? 'statement' : 'order',
    written: date(NOW - (i + 3) * 20 * DAY),
    prescriber: 'Dr Amara Diallo',
    reason,
  }));
}

function vitals(): Series[] {
  const course = (n: number, base: number, swing: number, step: number) =>
    Array.from({ length: n }, (_, i) => Math.round((base + swing * Math.sin(i * 0.9) + swing * 0.5 * Math.sin(i * 2.3)) / step) * step);
  const systolic = course(24, 138, 16, 1);
  const diastolic = course(24, 82, 8, 1);
  const pressure = series(
    '85354-9',
    'Blood pressure',
    'mm[Hg]',
    systolic.map((value, i): Value => [`${value}/${diastolic[i] ?? ''}`, value, value > 150 ? 'high' : 'normal']),
    { low: 90, high: 140, every: 12 * HOUR },
  );
  pressure.second = diastolic;
  pressure.second_name = 'diastolic';
  return [
    pressure,
    numbers('8867-4', 'Heart rate', '/min', course(60, 96, 18, 1), 60, 100),
    numbers('9279-1', 'Respiratory rate', '/min', course(40, 20, 4, 1), 12, 20),
    numbers('59408-5', 'Oxygen saturation', '%', [97, 96, 95, 93, 91, 88, 86], 94, 100, { criticalLow: 88 }),
    numbers('8310-5', 'Body temperature', 'Cel', [36.8, 37.2, 37.9, 38.6, 38.4], 36.1, 37.8),
    numbers('29463-7', 'Body weight', 'kg', [81.2, 81.9, 82.6, 83.4, 84.9, 86.1], null, null),
    numbers('8302-2', 'Body height', 'cm', [164], null, null),
    numbers('39156-5', 'Body mass index', 'kg/m2', [30.2, 30.5, 30.7, 31.0, 31.6, 32.0], null, null),
  ];
}

function labs(large: boolean): Series[] {
  const named: Series[] = [
    numbers('2823-3', 'Potassium', 'mmol/L', [4.2, 4.4, 4.9, 5.3, 5.8, 6.7], 3.5, 5.1, { criticalHigh: 6.2 }),
    numbers('2951-2', 'Sodium', 'mmol/L', [139, 138, 136, 133, 131], 136, 145),
    numbers('2160-0', 'Creatinine', 'µmol/L', [132, 138, 151, 160, 188, 214], 45, 84),
    numbers('33914-3', 'Glomerular filtration rate (eGFR), CKD-EPI 2021', 'mL/min/1.73m2', [41, 39, 36, 34, 28, 23], 60, null),
    numbers('4548-4', 'Haemoglobin A1c', '%', [7.2, 7.6, 8.1, 8.4, 7.9, 7.2], 4, 6),
    numbers('718-7', 'Haemoglobin', 'g/L', [131, 128, 119, 112, 98, 68], 120, 155, { criticalLow: 70 }),
    numbers('6690-2', 'Leukocytes', '10*9/L', [8.1, 9.3, 14.8, 18.2], 4, 10.5),
    numbers('777-3', 'Platelets', '10*9/L', [221, 230, 241, 190], 150, 400),
    numbers('1988-5', 'C-reactive protein', 'mg/L', [4, 12, 88, 164], 0, 5),
    series('600-7', 'Blood culture', null, [['No growth after 5 days', null, 'normal'], ['Gram-positive cocci in clusters', null, 'abnormal']], {}),
    numbers('30934-4', 'NT-proBNP', 'ng/L', [1220, 1480, 2210, 5940], null, 450),
    numbers('10839-9', 'Troponin I, high sensitivity', 'ng/L', [9, 14, 51], 0, 16),
  ];
  const names = ['Albumin', 'Alkaline phosphatase', 'ALT', 'AST', 'Bilirubin, total', 'Calcium', 'Chloride', 'Cholesterol, total', 'HDL cholesterol', 'LDL cholesterol', 'Ferritin', 'Folate', 'Gamma-GT', 'Glucose, fasting', 'Iron', 'Lactate', 'LDH', 'Magnesium', 'MCH', 'MCHC', 'MCV', 'Phosphate', 'Protein, total', 'Prothrombin time', 'INR', 'aPTT', 'TSH', 'Free T4', 'Transferrin', 'Triglycerides', 'Urate', 'Urea', 'Vitamin B12', 'Vitamin D, 25-hydroxy', 'Urine protein', 'Urine glucose', 'Urine leukocyte esterase', 'D-dimer', 'Fibrinogen', 'Procalcitonin', 'Amylase', 'Lipase', 'CK', 'Myoglobin', 'Reticulocytes', 'Neutrophils', 'Lymphocytes', 'Monocytes', 'Eosinophils', 'Basophils', 'Red cell distribution width', 'Anion gap', 'Bicarbonate', 'pH, arterial', 'pCO2, arterial', 'pO2, arterial', 'Base excess', 'Osmolality', 'Ammonia', 'Cortisol'];
  const rest = names.map((name, i) =>
    numbers(`x-${i}`, name, 'mmol/L', Array.from({ length: 3 + (i % 9) }, (_, k) => Number((2 + (i % 7) + Math.sin(i + k) * 0.8).toFixed(2))), 1.5, 8),
  );
  return [...named, ...(large ? rest : [])].sort((a, b) => a.name.localeCompare(b.name));
}

type Value = [shown: string, value: number | null, abnormal: Abnormal];

function numbers(
  code: string,
  name: string,
  unit: string,
  values: number[],
  low: number | null,
  high: number | null,
  critical: { criticalLow?: number; criticalHigh?: number } = {},
): Series {
  const flag = (value: number): Abnormal => {
    if (critical.criticalHigh !== undefined && value >= critical.criticalHigh) return 'critical_high';
    if (critical.criticalLow !== undefined && value <= critical.criticalLow) return 'critical_low';
    if (low === null && high === null) return 'unknown';
    return high !== null && value > high ? 'high' : low !== null && value < low ? 'low' : 'normal';
  };
  return series(code, name, unit, values.map((value): Value => [String(value), value, flag(value)]), { low, high });
}

function series(
  code: string,
  name: string,
  unit: string | null,
  values: Value[],
  { low = null, high = null, every = 19 * DAY }: { low?: number | null; high?: number | null; every?: number },
): Series {
  const range = low !== null && high !== null ? `${low}–${high}` : low !== null ? `≥ ${low}` : high !== null ? `≤ ${high}` : null;
  return {
    code: `http://loinc.org|${code}`,
    name,
    long_name: null,
    unit,
    low,
    high,
    second: [],
    second_name: null,
    points: values.map(([shown, value, abnormal], i): Point => {
      const at = NOW - 5 * HOUR - (values.length - 1 - i) * every;
      return { source: source('Observation', `${code}-${i}`), at, when: `${date(at)} ${time(at)}`, value, shown, abnormal, range, status: 'final' };
    }),
  };
}

function documents(person: Person): DocumentRow[] {
  const rows: [string, string, boolean, string | null][] = [
    ['Progress note', 'Seen at 02:40 with increasing breathlessness. Orthopnoea, weight up 4.9 kg in six days.', true, 'text/plain'],
    ['Nursing note', 'Slept poorly, sitting up. SpO2 86 % on room air, 2 L oxygen given as ordered.', true, 'text/plain'],
    ['Consultation note', 'Cardiology: optimise diuretics, repeat echo.', true, 'text/plain'],
    ['Discharge letter', 'Arztbrief: Herzinsuffizienz NYHA III', false, 'application/pdf'],
    ['Advance directive', 'Scanned', false, 'image/tiff'],
    ['Progress note', 'Follow-up. Feels better, walks two flights.', true, 'text/plain'],
  ];
  return rows.map(([title, excerpt, note, content_type], i) => ({
    source: source('DocumentReference', `doc-${person.id}-${i}`, i === 5 ? 'synced' : 'synced'),
    title,
    when: `${date(NOW - i * 9 * DAY)} ${time(NOW - i * 5 * HOUR)}`,
    author: i === 1 ? 'Joana Pereira da Conceição, RN' : 'Dr Amara Diallo',
    status: 'current',
    content_type,
    excerpt,
    note,
  }));
}

function line(kind: string, id: string, title: string, status: string, i: number): Line {
  return { source: source(kind, id), title, status, when: date(NOW - (i + 1) * 24 * DAY), detail: i % 2 === 0 ? 'Ordered by Dr Amara Diallo' : null };
}

export function date(at: number): string {
  const d = new Date(at);
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${String(d.getDate()).padStart(2, '0')}-${months[d.getMonth()] ?? ''}-${d.getFullYear()}`;
}

export function time(at: number): string {
  const d = new Date(at);
  return `${String(d.getHours()).padStart(2, '0')}:${String(d.getMinutes()).padStart(2, '0')}`;
}
