import { t } from '../words';

/** A binding as it stands on the keys: "Ctrl+K", "G then P". */
export function Keys({ keys }: { keys: string }) {
  const presses = keys.split(' ').map((press) =>
    press
      .split('+')
      .map((key) => (key === '$mod' ? t('key.ctrl') : key.length === 1 ? key.toUpperCase() : key))
      .join('+'),
  );
  return <kbd className="key">{presses.length === 1 ? presses[0] : t('key.then', { a: presses[0] ?? '', b: presses[1] ?? '' })}</kbd>;
}
