import { call } from './call.ts';
import type { Stack } from './stack.ts';

type House = Pick<Stack, 'url' | 'secrets'>;

interface Item {
  readonly no: string;
  readonly kind: string;
  readonly agencyName: string;
  readonly round: number;
}

interface Standing {
  readonly state: string;
  readonly phase: string;
  readonly teams: readonly { readonly agency: string; readonly inspectors: readonly string[] }[];
}

/** Does for one campaign what the people of the office do: reviews, decides extensions, records inspections, writes and signs the circular. Returns when the campaign is closed. */
export async function runCampaign(house: House, no: string, say: (line: string) => void): Promise<void> {
  const inspected = { done: false };
  const told = { phase: '' };
  for (;;) {
    const { body } = await call<Standing>(house, 'organizer', { method: 'GET', path: `/campaigns/${no}` });
    if (body.phase !== told.phase) say(`阶段：${body.phase}`);
    told.phase = body.phase;
    if (body.state === 'closed' || body.state === 'cancelled') return;
    await reviewAll(house, no, say);
    await decideExtensions(house, no);
    if (body.phase === 'jointInspection' && !inspected.done) {
      inspected.done = true;
      await inspect(house, no, body);
      await call(house, 'organizer', {
        method: 'POST',
        path: `/campaigns/${no}/phases/jointInspection/close`,
      });
    }
    if (body.state === 'summarising') await circulate(house, no);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Accepts what is in order; every seventh first answer goes back once. */
export async function reviewAll(house: House, no: string, say: (line: string) => void): Promise<void> {
  const { body } = await call<{ items: Item[] }>(house, 'organizer', {
    method: 'GET',
    path: `/tasks?owner=${no}&state=inReview&limit=200`,
  });
  for (const item of body.items) {
    const task = await call<{ items: { id: string }[] }>(house, 'organizer', {
      method: 'GET',
      path: `/tasks/${item.no}`,
    });
    const first = task.body.items[0]?.id ?? 'c1';
    const back = item.round === 1 && Number(item.no.slice(-1)) === 7;
    const verdict = back
      ? { verdict: 'return', items: [{ id: first, reason: '请补充佐证材料' }], term: { workdays: 3 } }
      : { verdict: 'accept' };
    const review = {
      method: 'POST',
      path: `/tasks/${item.no}/reviews`,
      body: verdict,
      headers: { 'If-Match': task.etag },
    };
    await call(house, 'organizer', review).then(
      () => say(`${back ? '退回' : '接受'} ${item.no} ${item.agencyName}`),
      () => undefined,
    );
  }
}

async function decideExtensions(house: House, no: string): Promise<void> {
  const { body } = await call<{ items: Item[] }>(house, 'organizer', {
    method: 'GET',
    path: `/tasks?owner=${no}&extension=asked&limit=200`,
  });
  for (const item of body.items) {
    const task = await call<{ extension?: { id: string } }>(house, 'organizer', {
      method: 'GET',
      path: `/tasks/${item.no}`,
    });
    if (task.body.extension)
      await call(house, 'organizer', {
        method: 'POST',
        path: `/tasks/${item.no}/extensions/${task.body.extension.id}/decision`,
        body: { granted: true },
      }).catch(() => undefined);
  }
}

/** Each drawn team visits its agency; every second visit finds something. */
async function inspect(house: House, no: string, { teams }: Standing): Promise<void> {
  const { body } = await call<{ checklist: string; phases: { jointInspection?: { openedAt: string } } }>(
    house,
    'organizer',
    { method: 'GET', path: `/campaigns/${no}` },
  );
  const on = (body.phases.jointInspection?.openedAt ?? '').slice(0, 10);
  const lists = await call<{ items: { id: string; items: { id: string; text: string }[] }[] }>(
    house,
    'organizer',
    { method: 'GET', path: '/checklists' },
  );
  const items = lists.body.items.find((one) => one.id === body.checklist)?.items ?? [];
  for (const [n, team] of teams.entries()) {
    const item = items[n % items.length];
    const findings =
      n % 2 === 0 && item
        ? [
            {
              item: item.id,
              severity: n % 4 === 0 ? 'ordinary' : 'minor',
              description: `现场检查发现未落实：${item.text}`,
            },
          ]
        : [];
    await call(house, 'organizer', {
      method: 'POST',
      path: `/campaigns/${no}/inspections`,
      body: { agency: team.agency, inspectors: team.inspectors, on, findings },
    });
  }
}

async function circulate(house: House, no: string): Promise<void> {
  const drafted = await call<{ id: string }>(house, 'organizer', {
    method: 'POST',
    path: `/campaigns/${no}/circulars`,
    body: { title: '关于安全生产执法专项监督情况的通报', note: '请各单位举一反三，巩固整改成果。' },
  });
  await call(house, 'approver', {
    method: 'POST',
    path: `/documents/${drafted.body.id}/approval`,
    body: { approved: true, signatory: '局长' },
  });
  await call(house, 'organizer', {
    method: 'POST',
    path: `/documents/${drafted.body.id}/service`,
    body: { channel: 'email' },
  });
}
