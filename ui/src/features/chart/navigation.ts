/** Scrolls the chart in front to a section and puts the focus on its heading, so that Tab and J/K go on from there. */
export function goToSection(section: string): void {
  const element = document.querySelector<HTMLElement>(`[data-section="${CSS.escape(section)}"]`);
  if (element === null) return;
  element.scrollIntoView({ block: 'start' });
  element.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
}
