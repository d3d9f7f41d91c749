import 'react';

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style -- only an interface merges with React's
  interface CSSProperties {
    /** Custom properties, for what only the data knows. */
    [custom: `--${string}`]: string | number | undefined;
  }
}
