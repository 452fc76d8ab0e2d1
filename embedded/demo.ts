import { launchTemplate } from './demo-campaign.ts';
import { asAgency, bouncingAddresses, demoCounty } from './demo-county.ts';
import { seedModes } from './demo-modes.ts';
import { type Robots, startRobots } from './robots.ts';
import type { Stack } from './stack.ts';

/** Seeds the county of the demo once; what people have changed since stays. */
export async function seedCounty({ store, mailbox }: Pick<Stack, 'store' | 'mailbox'>): Promise<void> {
  const county = demoCounty();
  for (const { id, ...agency } of county.agencies.map(asAgency))
    await store.agencies.updateOne(
      { _id: id },
      { $setOnInsert: { ...agency, version: 1 } },
      { upsert: true },
    );
  for (const [n, { name, agency, certificate }] of county.supervisors.entries())
    await store.supervisors.updateOne(
      { _id: `sup-demo-${String(n + 1).padStart(3, '0')}` },
      { $setOnInsert: { name, certificate, ...(agency === null ? {} : { agency }) } },
      { upsert: true },
    );
  for (const address of bouncingAddresses(county)) mailbox.behave(address, 'reject');
}

/** What the three modes show at the first start, made once, and the agencies' robots. */
export async function playDemo(
  stack: Stack,
  options: { robots: boolean; dayMs: number },
): Promise<Robots | undefined> {
  const robots = options.robots ? startRobots(stack, { dayMs: options.dayMs }) : undefined;
  if ((await stack.store.campaigns.estimatedDocumentCount()) === 0)
    await launchTemplate(stack, 'work-safety', { recallMinutes: 0 });
  await seedModes(stack);
  return robots;
}
