import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Patient data lives in the core alone: nothing in the page may outlast the page. */
const STORES = ['localStorage', 'sessionStorage', 'indexedDB', 'caches', 'cookieStore', 'fetch', 'XMLHttpRequest', 'WebSocket'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/platform/bindings'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  hooks.configs.flat['recommended-latest'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', ...STORES],
      'no-restricted-properties': [
        'error',
        ...STORES.flatMap((property) => [{ object: 'window', property }, { object: 'globalThis', property }]),
        { object: 'document', property: 'cookie' },
        { object: 'document', property: 'title', message: 'A window title is visible outside the program.' },
        { object: 'window', property: 'history', message: 'No patient data in addresses.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@tauri-apps/*'], message: 'Only src/platform talks to the shell.' },
            { group: ['**/testing/*', '**/testing'], message: 'The fake platform never reaches production code.' },
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXText[value=/\\p{L}{2,}/u]', message: 'Words belong in src/words.' },
        {
          selector: 'JSXAttribute[name.name=/^(aria-label|title|placeholder|label|alt)$/] > Literal[value=/\\p{L}{2,}/u]',
          message: 'Words belong in src/words.',
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['src/platform/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['**/*.test.{ts,tsx}', 'src/testing/**'],
    rules: {
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
    },
  },
  { files: ['eslint.config.js', 'vite.config.ts'], ...tseslint.configs.disableTypeChecked },
);
