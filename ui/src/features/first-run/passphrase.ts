/** How a new passphrase looks to us. Advice only: the core decides whether it is taken. */
export type Strength = 'empty' | 'short' | 'fair' | 'strong';

/** Length in characters counts most (NIST SP 800-63B-4, 3.1.1.2); repeated characters and runs count once. `least` is what is asked here. */
export function strengthOf(passphrase: string, least: number): Strength {
  if (passphrase === '') return 'empty';
  const characters = Array.from(passphrase.normalize('NFC'));
  const counted = characters.filter((c, i) => {
    const before = characters[i - 1];
    return before === undefined || (c !== before && Math.abs(codeOf(c) - codeOf(before)) !== 1);
  }).length;
  const distinct = new Set(characters).size;
  if (characters.length < least || counted < least || distinct < 6) return 'short';
  return counted < Math.max(20, least) || distinct < 9 ? 'fair' : 'strong';
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
