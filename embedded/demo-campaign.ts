import { call } from './call.ts';
import { demoCounty } from './demo-county.ts';
import type { Stack } from './stack.ts';

/** Drafts, previews and launches one of the demo's campaigns, in the three calls that anybody makes. */
export async function launchTemplate(
  stack: Pick<Stack, 'url' | 'secrets'>,
  template: string,
  { recallMinutes }: { recallMinutes: number },
): Promise<string> {
  const chosen = demoCounty().templates.find((one) => one.id === template);
  if (!chosen) throw new Error(`没有模板 ${template}`);
  const { id: _id, ...draft } = chosen;
  const drafted = await call<{ no: string }>(stack, 'organizer', {
    method: 'POST',
    path: '/campaigns',
    body: draft,
  });
  const { no } = drafted.body;
  const preview = await call<{ digest: string }>(stack, 'organizer', {
    method: 'GET',
    path: `/campaigns/${no}/preview`,
  });
  await call(stack, 'organizer', {
    method: 'POST',
    path: `/campaigns/${no}/launch`,
    body: { previewDigest: preview.body.digest, skipProblems: true, recallMinutes },
  });
  return no;
}
