/** A core without a core: the same commands and events over invented data, for `npm run dev` and the tests. Never in the product. */
import type { CommandName, Commands, Platform } from '../platform/commands';
import { CommandFailed, type ErrorCode } from '../platform/failure';
import { chart } from './core/chart';
import { Core, type Handlers, type Options } from './core/core';
import { door } from './core/door';
import { notes } from './core/notes';
import { oversight } from './core/oversight';
import { securityKeys } from './core/securityKeys';
import { sync } from './core/sync';
import { upkeep } from './core/upkeep';

export { KEEPER, PASSPHRASE, PIN } from './core/core';
export { SECURITY_KEY_PIN } from './core/securityKeys';
export { RECOVERY_CODE } from './core/upkeep';

/** What tests see and set of the core. */
type Known = 'emit' | 'setSync' | 'setRotation' | 'memory' | 'drafts' | 'keys' | 'settings' | 'securityKeys' | 'clinicians' | 'signsIn';

export interface Fake extends Platform, Pick<Core, Known> {
  /** Every call so far, newest last. */
  calls: { command: CommandName; args: unknown }[];
  /** Makes the next call of a command fail. */
  failNext(command: CommandName, code: ErrorCode, retryAfterSeconds?: number): void;
  /** Makes every call of a command fail until told otherwise with `null`. */
  failAlways(command: CommandName, code: ErrorCode | null): void;
  /** Answers a command otherwise; `normal` is what would have been answered. */
  answer<C extends CommandName>(command: C, how: (normal: () => Promise<Commands[C]['returns']>) => Promise<Commands[C]['returns']>): void;
  /** Never answers this command any more. */
  stall(command: CommandName): void;
}

/** The hospital asks for this. */
export function demanding(fake: Fake, setting: 'factors' | 'step_up', what: string): void {
  const row = { name: setting, value: { kind: 'names' as const, names: [what] }, words: what, by: 'hospital' as const, locked: true };
  fake.settings = { ...fake.settings, settings: [...fake.settings.settings.filter(({ name }) => name !== setting), row] };
}

export function fakePlatform(at: 'first_run' | 'locked' | 'open' = 'open', options: Options = {}): Fake {
  const core = new Core(at, options);
  const handlers: Handlers = {
    ...door(core),
    ...chart(core),
    ...notes(core),
    ...sync(core),
    ...oversight(core),
    ...upkeep(core),
    ...securityKeys(core),
  };
  const calls: Fake['calls'] = [];
  const failing = new Map<CommandName, CommandFailed>();
  const always = new Map<CommandName, CommandFailed>();
  const stalled = new Set<CommandName>();
  const otherwise = new Map<CommandName, (normal: () => Promise<unknown>) => Promise<unknown>>();
  const failed = (code: ErrorCode, wait: number | null = null) => new CommandFailed(code, `c-${core.next()}`, wait);

  return Object.assign(core, {
    calls,
    failNext: (command, code, wait) => failing.set(command, failed(code, wait)),
    failAlways: (command, code) => {
      if (code === null) always.delete(command);
      else always.set(command, failed(code));
    },
    answer: (command, how) => otherwise.set(command, how as never),
    stall: (command) => stalled.add(command),
    call: async (command, ...all: readonly unknown[]) => {
      const args = all[0] ?? {};
      calls.push({ command, args });
      if (stalled.has(command)) return new Promise(() => undefined);
      if (core.delay > 0) await new Promise((resolve) => setTimeout(resolve, core.delay));
      const failure = failing.get(command) ?? always.get(command);
      failing.delete(command);
      if (failure !== undefined) throw failure;
      const handler = handlers[command] as (args: unknown) => unknown;
      // A copy, as over the real IPC: nothing of the core's is shared with the page.
      const normal = async () => structuredClone(await handler(args));
      return (await (otherwise.get(command)?.(normal) ?? normal())) as never;
    },
  } satisfies Pick<Fake, 'calls' | 'failNext' | 'failAlways' | 'answer' | 'stall' | 'call'>);
}
