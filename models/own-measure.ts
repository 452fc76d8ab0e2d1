import type { Store } from './store.ts';
import type { SubmissionRecord } from './submission.ts';

/** The first item of the checklist CL-own-measures, as a campaign and as a plan name it. */
const FIRST = /^(?:CL-own-measures-)?own1$/;

/** What a unit does of its own to carry supervision out (具体举措): its answer, as the office accepted it. */
export interface OwnMeasure {
  readonly agency: string;
  readonly name: string;
  readonly task: string;
  readonly acceptedAt: string;
  readonly text: string;
  readonly items: SubmissionRecord['items'];
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

/** The latest accepted answer of each agency that was asked; what was accepted later stands instead of what was before. */
export async function readOwnMeasures(
  store: Pick<Store, 'tasks' | 'submissions'>,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly OwnMeasure[]> {
  const tasks = await store.tasks
    .find({ ...filter, state: 'closed', 'items.id': FIRST } as never, {
      agency: 1,
      agencyName: 1,
      closedAt: 1,
    })
    .sort({ closedAt: 1 })
    .lean();
  const latest = new Map(tasks.map((task) => [task.agency, task]));
  const answers = await store.submissions
    .find(
      { task: { $in: [...latest.values()].map((one) => one._id) }, kind: 'answer' },
      { task: 1, text: 1, items: 1, files: 1 },
    )
    .sort({ receivedAt: 1 })
    .lean();
  const last = new Map(answers.map((one) => [one.task, one]));
  return [...latest.values()].flatMap(({ _id, agency, agencyName, closedAt }) => {
    const answer = last.get(_id);
    if (!answer) return [];
    const { text, items, files } = answer;
    return [
      {
        agency,
        name: agencyName,
        task: _id,
        acceptedAt: closedAt ?? '',
        text,
        items,
        files: files.map(({ name, sha256 }) => ({ name, sha256 })),
      },
    ];
  });
}
