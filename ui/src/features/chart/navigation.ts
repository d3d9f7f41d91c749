/** Rounds of drawing after which long lists have taken their true heights. */
const SETTLING = 6;

/** Scrolls the chart in front to a section and puts the focus on its heading, so that Tab and J/K go on from there. */
export function goToSection(section: string): void {
  const element = document.querySelector<HTMLElement>(`[data-section="${CSS.escape(section)}"]`);
  if (element === null) return;
  element.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  settle(() => element.scrollIntoView({ block: 'start' }), SETTLING);
}

/** Does it now and again after each of the next drawings: lists above may still grow into place. */
export function settle(put: () => void, rounds: number, done?: () => void): () => void {
  put();
  let frame = 0;
  const next = (left: number) => {
    frame = requestAnimationFrame(() => {
      put();
      if (left > 1) next(left - 1);
      else done?.();
    });
  };
  next(rounds);
  return () => cancelAnimationFrame(frame);
}
