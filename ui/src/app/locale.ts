/**
 * Some systems (LANG=C) report a language that is no BCP 47 tag, at which `Intl` and the libraries over it throw on load.
 * Imported before anything else.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-GB', configurable: true });
}
