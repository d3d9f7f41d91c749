import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties, for what only the data knows. */
    [custom: `--${string}`]: string | number | undefined;
  }
}
