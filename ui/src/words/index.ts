/**
 * Words of the page. Catalogues are ICU MessageFormat, one per language; English is the reference and its keys are the type.
 * A further language is one more record of the same keys, loaded in `useLanguage`'s place before the first render.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import { en } from './en';

export type WordKey = keyof typeof en;
export type Catalogue = Readonly<Record<WordKey, string>>;
export type Values = Record<string, string | number>;

interface Language {
  /** BCP 47; also decides plurals, numbers and the direction of writing. */
  locale: string;
  direction: 'ltr' | 'rtl';
  catalogue: Catalogue;
}

let language: Language = { locale: 'en-GB', direction: 'ltr', catalogue: en };
let compiled = new Map<WordKey, IntlMessageFormat>();

/** The message of `key` with its values put in. */
export function t(key: WordKey, values?: Values): string {
  let message = compiled.get(key);
  if (message === undefined) {
    message = new IntlMessageFormat(language.catalogue[key], language.locale, undefined, { ignoreTag: true });
    compiled.set(key, message);
  }
  return message.format<string>(values) as string;
}

/** The words of a code that comes from outside (a status, a type); the code itself where there are none. */
export function wordsOf(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return key in language.catalogue ? t(key as WordKey) : code;
}

export function locale(): string {
  return language.locale;
}

export function direction(): 'ltr' | 'rtl' {
  return language.direction;
}

/** Before the first render only. */
export function speak(next: Language): void {
  language = next;
  compiled = new Map();
}
