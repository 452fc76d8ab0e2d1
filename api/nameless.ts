import { Refusal } from '../domain/refusals.ts';
import { containsIdentity } from '../models/complainant.ts';
import type { ApiDeps } from './deps.ts';
import type { RouteSpec } from './route.ts';

/** Calls whose words never name the complainant behind a clue or case: what is written there reaches agencies, papers and histories. `ownerOf` gives that clue or case of what the path names. */
export const nameless = (
  specs: readonly RouteSpec[],
  ownerOf: NonNullable<RouteSpec['nameless']>,
): readonly RouteSpec[] =>
  specs.map((spec) =>
    spec.method === 'get' || !spec.body || !spec.find ? spec : { ...spec, nameless: ownerOf },
  );

/** Of what is found under its own number, and of a paper: whose it is. */
export const byNumber = (found: unknown): string => (found as { readonly _id: string })._id;
export const byOwner = (found: unknown): string => (found as { readonly owner: string }).owner;

/** Refuses a body in which a text names the complainant of that clue or case, each under its pointer. */
export async function withoutNames(
  deps: Pick<ApiDeps, 'store' | 'office'>,
  owner: string,
  body: unknown,
): Promise<void> {
  for (const [pointer, text] of textsIn(body, '')) {
    const found = await containsIdentity(deps, owner, text);
    if (found)
      throw new Refusal(
        'identity-in-text',
        found === 'name' ? '文字中含有投诉人的姓名，请改写' : '文字中含有投诉人的联系方式，请改写',
        pointer,
      );
  }
}

/** Every text of a body with its pointer. */
function textsIn(value: unknown, pointer: string): [string, string][] {
  if (typeof value === 'string') return value.length > 1 ? [[pointer, value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    textsIn(inner, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
