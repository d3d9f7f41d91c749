import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import type { Platform } from '../platform/commands';
import { PlatformProvider } from '../platform/context';
import { direction, locale } from '../words';
import '../styles/tokens.css';
import '../styles/base.css';
import { App } from './App';
import { Unexpected } from './Unexpected';

/** Draws the page over `platform`. */
export function start(platform: Platform, root: HTMLElement): void {
  document.documentElement.lang = locale();
  document.documentElement.dir = direction();
  // An error's text may quote a chart: what could not be drawn is said on screen, nothing goes to the console.
  const silent = () => undefined;
  createRoot(root, { onCaughtError: silent, onUncaughtError: silent, onRecoverableError: silent }).render(
    <StrictMode>
      <I18nProvider locale={locale()}>
        <PlatformProvider value={platform}>
          <Unexpected>
            <App />
          </Unexpected>
        </PlatformProvider>
      </I18nProvider>
    </StrictMode>,
  );
}
