import { useEffect, useState } from 'react';
import { locale, t } from '../words';

/** "22-Nov-2026 14:05" on this workstation's clock (NHS CUI, "Date Display": day, three-letter month, four-digit year). */
export function dateTime(rfc3339: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return rfc3339;
  return `${dateOf(at)} ${timeOf(at, false)}`;
}

/** "14:05:03" on this workstation's clock. */
export function clockTime(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : timeOf(at, true);
}

/** "14:05" today, else "22-Nov-2026 14:05". */
export function shortTime(rfc3339: string, now: number): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return rfc3339;
  return at.toDateString() === new Date(now).toDateString() ? timeOf(at, false) : `${dateOf(at)} ${timeOf(at, false)}`;
}

/** "3 min ago". */
export function ago(rfc3339: string, now: number): string {
  const minutes = Math.floor((now - new Date(rfc3339).getTime()) / 60_000);
  if (Number.isNaN(minutes)) return rfc3339;
  // Clocks a little apart are normal; further apart, no age can be told.
  if (minutes < -2) return t('time.future');
  if (minutes < 1) return t('time.now');
  if (minutes < 60) return t('time.minutes', { n: minutes });
  if (minutes < 48 * 60) return t('time.hours', { n: Math.floor(minutes / 60) });
  return t('time.days', { n: Math.floor(minutes / 1440) });
}

/** "4:05" for a countdown. */
export function minutesSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** The present, renewed every `every` milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Seconds left of a span that began with `seconds` when `key` last changed. Counts on the steady clock, so a corrected wall clock changes nothing. */
export function useCountdown(seconds: number, key: unknown): number {
  const [span, setSpan] = useState({ key, left: seconds });
  useEffect(() => {
    const start = performance.now();
    const timer = setInterval(() => setSpan({ key, left: seconds - (performance.now() - start) / 1000 }), 250);
    return () => clearInterval(timer);
  }, [seconds, key]);
  return Math.max(0, span.key === key ? span.left : seconds);
}

function dateOf(at: Date): string {
  const month = new Intl.DateTimeFormat(locale(), { month: 'short' }).format(at).slice(0, 3);
  return `${String(at.getDate()).padStart(2, '0')}-${month}-${at.getFullYear()}`;
}

function timeOf(at: Date, seconds: boolean): string {
  const parts = [at.getHours(), at.getMinutes(), ...(seconds ? [at.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
