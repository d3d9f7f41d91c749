/** A place in a record, and what stood there before and after. */
export interface Field {
  /** As FHIRPath writes it: `dosageInstruction[0].text`. */
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** A number as it was written: 1.10 is not 1.1. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The leaves of both sides, in the order of the record, those of `before` first. Text that is no JSON has no fields. */
export function fieldsOf(before: string | null, after: string | null): Field[] {
  const [old, now] = [leaves(before), leaves(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])];
  return paths.map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}

function leaves(text: string | null): Map<string, string> {
  const found = new Map<string, string>();
  if (text === null) return found;
  try {
    collect(JSON.parse(text, written), '', found);
  } catch {
    found.clear();
  }
  return found;
}

/** Engines without source access (ECMA-262 proposal "JSON.parse source text access") give the number itself. */
function written(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? new Digits(context?.source ?? String(value)) : value;
}

function collect(json: unknown, path: string, found: Map<string, string>) {
  if (json instanceof Digits) {
    found.set(path, json.text);
  } else if (Array.isArray(json)) {
    json.forEach((inner, at) => collect(inner, `${path}[${at}]`, found));
  } else if (typeof json === 'object' && json !== null) {
    for (const [key, inner] of Object.entries(json)) collect(inner, path === '' ? key : `${path}.${key}`, found);
  } else {
    found.set(path, String(json));
  }
}
