import type { Store } from '../models/store.ts';
import type { Actor } from './access.ts';
import { Problem, invalid, notFound } from './problem.ts';

/** The line (条线) that an account supervises: an agency and all below it; the account sees nothing else. */
export interface Line {
  readonly of: string;
  readonly agencies: ReadonlySet<string>;
}

/** How a call is held to the caller's line. Invariant: a call that says nothing of it is not there for accounts of a line. */
export type LineRule =
  /** A list, by the field that names the agency. */
  | { readonly field: string }
  /** One thing, by its agency; and where something is written, the body's agency. */
  | { readonly of: (found: never) => string | undefined; readonly body?: true }
  /** What is registered for the agency that the body names. */
  | { readonly body: true };

/** An agency and every agency below it, however deep; one that stands below itself ends the walk. */
export async function lineOf({ agencies }: Pick<Store, 'agencies'>, of: string): Promise<Line> {
  const all = new Set([of]);
  for (let level = [of]; level.length > 0;) {
    const below = await agencies.distinct('_id', { parent: { $in: level } });
    level = below.filter((id) => !all.has(id));
    for (const id of level) all.add(id);
  }
  return { of, agencies: all };
}

/** Attack: what lies outside a line must not even be told from what does not exist. */
export function admitCall(actor: Actor, rule: LineRule | undefined): void {
  if (actor.line && !rule) throw notFound();
}

/** Holds one thing that the path names to the line. */
export function admitFound({ line }: Actor, rule: LineRule | undefined, found: unknown): void {
  if (!line || !rule || !('of' in rule)) return;
  const agency = rule.of(found as never);
  if (agency === undefined || !line.agencies.has(agency)) throw notFound();
}

/** Holds what is written to the line. */
export function admitBody({ line }: Actor, rule: LineRule | undefined, body: unknown): void {
  if (!line || !rule || !('body' in rule) || !rule.body) return;
  const agency = (body as { readonly agency?: unknown } | undefined)?.agency;
  if (agency === undefined && 'of' in rule) return;
  if (typeof agency !== 'string' || !line.agencies.has(agency))
    throw invalid('/agency', 'agency-unknown', '没有这个机关');
}

/** The condition that every list of this caller stands under. */
export function withinLine({ line }: Actor, rule: LineRule | undefined): Readonly<Record<string, unknown>> {
  if (!line) return {};
  if (!rule || !('field' in rule)) return {};
  return { [rule.field]: { $in: [...line.agencies] } };
}

/** Who may be given a line: whoever reads, or registers; nobody who keeps accounts or signs. */
export function checkLineRole(role: string, line: string | null | undefined): void {
  if (typeof line === 'string' && role !== 'organizer' && role !== 'auditor')
    throw new Problem(422, 'validation', {
      errors: [{ pointer: '/line', code: 'line-role', detail: '只有经办人、审计员账号可以限定条线' }],
    });
}
