import { invoke } from '@tauri-apps/api/core';
import { getCurrentWebviewWindow } from '@tauri-apps/api/webviewWindow';
import type { Platform } from './commands';
import { failureFrom } from './failure';

/** The core behind the shell's IPC. */
export const tauri: Platform = {
  call: (command, ...args: readonly unknown[]) =>
    invoke<never>(command, args[0] as Record<string, unknown> | undefined).catch((reason: unknown) => {
      throw failureFrom(reason);
    }),

  listen: (event, handler) => {
    const stop = getCurrentWebviewWindow().listen<never>(event, ({ payload }) => handler(payload));
    return () => void stop.then((unlisten) => unlisten());
  },
};
