/** Invented people: long names, several scripts, look-alikes, a newborn, one who died, one restricted. */
import type { Banner } from '../platform/bindings/Banner';
import type { PatientRow } from '../platform/bindings/PatientRow';

export interface Person {
  id: string;
  name: string;
  aka?: string;
  born: string;
  age: string;
  gender: string;
  number: string;
  flags?: string[];
  similar?: boolean;
  restricted?: boolean;
  deceased?: string;
  language?: string;
}

export const PEOPLE: readonly Person[] = [
  { id: 'p-okafor', name: 'OKAFOR, Ngozi Adaeze (Mrs)', born: '12-Mar-1961', age: '65y', gender: 'Female', number: 'MRN 0042-1187', flags: ['Falls risk', 'MRSA carrier: contact precautions'] },
  { id: 'p-long', name: 'VON HOHENSTEIN-SCHWARZENBERG-RUDOLSTADT, Maximiliane Wilhelmine Friederike Charlotte (Prof. Dr)', born: '01-Jan-1938', age: '88y', gender: 'Female', number: 'MRN 0042-0001', similar: true, language: 'German, interpreter needed' },
  { id: 'p-arabic', name: 'الخوارزمي, عبد الرحمن محمد', aka: 'AL-KHWARIZMI, Abdulrahman Mohammed', born: '23-Sep-1979', age: '47y', gender: 'Male', number: 'MRN 0042-3310', language: 'Arabic, interpreter needed' },
  { id: 'p-chinese', name: '欧阳, 明月', aka: 'OUYANG, Mingyue', born: '30-Jun-1992', age: '34y', gender: 'Female', number: 'MRN 0042-7712' },
  { id: 'p-smith-j', name: 'SMITH, John Robert (Mr)', born: '05-May-1955', age: '71y', gender: 'Male', number: 'MRN 0042-5550', similar: true },
  { id: 'p-smith-jo', name: 'SMITH, Jon Roberto (Mr)', born: '15-May-1955', age: '71y', gender: 'Male', number: 'MRN 0042-5551', similar: true },
  { id: 'p-baby', name: 'ŁUKASZEWICZ-NOWAK, Baby girl', born: '19-Nov-2026', age: '3d', gender: 'Female', number: 'MRN 0042-9901' },
  { id: 'p-died', name: 'ERIKSSON, Sven-Göran', born: '02-Feb-1941', age: '83y', gender: 'Male', number: 'MRN 0042-1002', deceased: '12-Mar-2024' },
  { id: 'p-restricted', name: 'GARCÍA-LÓPEZ, Inmaculada', born: '11-Nov-1984', age: '42y', gender: 'Female', number: 'MRN 0042-6006', restricted: true },
  { id: 'p-teen', name: 'NGUYỄN, Thị Minh Khai', born: '08-Aug-2010', age: '16y', gender: 'Female', number: 'MRN 0042-4410' },
  { id: 'p-empty', name: 'TANAKA, Hiroshi', born: 'Apr-1970', age: '56y', gender: 'Male', number: 'MRN 0042-3001' },
  { id: 'p-broken', name: 'O’SULLIVAN, Caoimhe', born: '29-Feb-1988', age: '38y', gender: 'Female', number: 'MRN 0042-8123' },
];

export function personOf(id: string): Person | undefined {
  return PEOPLE.find((person) => person.id === id);
}

export function rowOf(person: Person): PatientRow {
  return {
    patient: person.id,
    name: person.name,
    also_known_as: person.aka ?? null,
    born: person.born,
    age: person.age,
    gender: person.gender,
    number: person.number,
    deceased: person.deceased !== undefined,
    similar_name: person.similar ?? false,
    restricted: person.restricted ?? false,
  };
}

export function bannerOf(person: Person): Banner {
  return {
    patient: person.id,
    name: person.name,
    also_known_as: person.aka ?? null,
    born: person.born,
    age: person.age,
    gender: person.gender,
    identifiers: [
      { label: 'MRN', value: person.number.replace('MRN ', '') },
      { label: 'National No.', value: '943 476 5919' },
    ],
    deceased: person.deceased ?? null,
    address: '14 Rue de la République, apartment 3b, 69002 Lyon',
    contact: ['+33 4 55 55 01 42 (home)', 'daughter: +33 6 55 55 01 77'],
    flags: person.flags ?? [],
    language: person.language ?? null,
    similar_name: person.similar ?? false,
    restricted: person.restricted ?? false,
  };
}
