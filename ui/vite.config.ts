import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** What the page may do: our own files, and the shell's IPC. Said here as well as by the shell, so that every build carries it. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self' ipc: http://ipc.localhost",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: CSP }, injectTo: 'head-prepend' },
  ],
};

/** Outside the shell there is no core to call: `npm run dev` and `vite build --mode fake` start from the fake platform. */
const fakePlatform: Plugin = {
  name: 'fake-platform',
  transformIndexHtml: { order: 'pre', handler: (html) => html.replace('/src/main.tsx', '/src/testing/main.tsx') },
};

/** The fake platform reaches no product: a production build that drew it in fails. */
const noFake: Plugin = {
  name: 'no-fake',
  apply: 'build',
  generateBundle(_, bundle) {
    const drawn = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
    const fake = drawn.find((id) => id.includes('/src/testing/'));
    if (fake !== undefined) this.error(`test code in the product: ${fake}`);
  },
};

export default defineConfig(({ command, mode }) => ({
  plugins: [react(), contentSecurityPolicy, command === 'serve' || mode === 'fake' ? fakePlatform : noFake],
  build: {
    outDir: 'dist',
    target: ['safari16.4', 'chrome120'],
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, strictPort: true },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 120_000,
  },
}));
