import type { ScheduleRow } from '../../platform/bindings/ScheduleRow';
import { chartOf, date, source, time } from '../charts';
import { PEOPLE, rowOf } from '../patients';
import type { Core, Handlers } from './core';

/** Finding a patient, opening the chart, and emergency access to it. */
export function chart(core: Core) {
  const pinned = new Set<string>();
  let numbers = 1;
  return {
    schedule_today: () => ({ day: `Sunday ${date(core.now)}`, rows: schedule(core.now), as_of: new Date(core.now - 4 * 60_000).toISOString(), unreadable: 0 }),
    search_patients: ({ query }) => {
      const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
      const parts = fold(query).split(/\s+/);
      const rows = PEOPLE.filter((one) => parts.every((part) => fold(`${one.name} ${one.aka ?? ''} ${one.born} ${one.number}`).includes(part)));
      return { rows: rows.map(rowOf), total: rows.length, searched: 250 };
    },
    patients_recent: () => PEOPLE.slice(0, 5).map(rowOf),
    open_chart: ({ patient }) => {
      const who = core.person(patient);
      const access = core.emergencies.get(patient);
      if (who.restricted === true && (access === undefined || access.until < Date.now())) core.fail('break_glass_required');
      const chart = chartOf(who, core.large);
      chart.documents = [...(core.signed.get(patient) ?? []), ...chart.documents];
      return {
        chart,
        drafts: core.drafts.filter((one) => one.patient === patient),
        break_glass:
          access === undefined
            ? null
            : {
                patient,
                reason: access.reason,
                until: new Date(access.until).toISOString(),
                seconds_left: Math.round((access.until - Date.now()) / 1000),
                number: access.number,
                reported: false,
              },
        pinned: pinned.has(patient),
      };
    },
    break_glass_reasons: () => [
      { code: 'ETREAT', key: 'e' },
      { code: 'BTG', key: 'b' },
      { code: 'CAREMGT', key: 'c' },
      { code: 'PATRQT', key: 'p' },
      { code: 'DISASTER', key: 'd' },
    ],
    break_glass: ({ request }) => {
      core.reauthenticate(request.passphrase);
      if (request.text.trim().length < 8) core.fail('break_glass_reason');
      const until = Date.now() + 3_600_000;
      const number = numbers > 0 ? `10${numbers--}` : null;
      core.emergencies.set(request.patient, { until, reason: request.reason, number });
      return { patient: request.patient, reason: request.reason, until: new Date(until).toISOString(), seconds_left: 3600, number, reported: false };
    },
    end_break_glass: ({ patient }) => {
      core.emergencies.delete(patient);
      return null;
    },
    pin_patient: ({ patient, pinned: yes }) => {
      if (yes) pinned.add(patient);
      else pinned.delete(patient);
      return null;
    },
    open_document: ({ patient, id }) => {
      const row = [...(core.signed.get(patient) ?? []), ...chartOf(core.person(patient), core.large).documents].find((one) => one.source.id === id) ?? core.fail('not_found');
      const isText = row.content_type === 'text/plain';
      return {
        row,
        patient,
        text: isText ? (core.texts.get(id) ?? `${row.excerpt ?? ''}\n\n${PROSE}`) : null,
        not_shown: isText ? null : row.content_type === 'application/pdf' ? 'not_fetched' : 'other_type',
      };
    },
  } satisfies Partial<Handlers>;
}

function schedule(now: number): ScheduleRow[] {
  const statuses = ['fulfilled', 'fulfilled', 'noshow', 'arrived', 'checked-in', 'booked', 'booked', 'cancelled', 'booked', 'booked', 'booked'];
  const reasons = ['Heart failure follow-up', 'Medication review', null, 'Shortness of breath, swollen legs since Thursday', 'Antenatal visit', 'Vaccination', 'Newborn check', 'Knee pain', 'Depression, review of therapy', 'Asthma'];
  const day = new Date(now);
  return statuses.map((status, i) => {
    const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), 8, 20 + i * 25).getTime();
    const person = PEOPLE[i];
    return {
      source: source('Appointment', `app-${i}`),
      start: time(at),
      at,
      minutes: i % 4 === 3 ? 40 : 20,
      status,
      reason: reasons[i] ?? null,
      with: [i % 3 === 2 ? 'Joana Pereira da Conceição Albuquerque' : 'Dr Amara Diallo'],
      mine: i % 3 !== 2,
      patient: i === 9 || person === undefined ? null : rowOf(person),
    };
  });
}

const PROSE = `Subjective:
The patient reports breathlessness at rest since yesterday evening and slept in the armchair. No chest pain, no fever. Took the tablets as prescribed, but ate salted soup for three days.

Objective:
Blood pressure 152/88 mmHg, pulse 104/min irregular, respiratory rate 24/min, SpO2 88 % on room air. Crackles over both bases, pitting oedema to the knee. Weight 86.1 kg (81.2 kg four months ago).

Assessment:
Acute decompensation of known heart failure. Potassium 6.7 mmol/L under sacubitril/valsartan: repeat at once.

Plan:
ECG now. Calcium gluconate available. Stop potassium-sparing drugs. Furosemide intravenously, fluid balance, weight daily.`;
