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

export const MEASURE_STATES = ['notAsked', 'asked', 'inReview', 'accepted'] as const;
export type MeasureState = (typeof MEASURE_STATES)[number];

/** Where an agency stands with its measures: accepted, answered, asked for, or not asked yet. */
export interface MeasureStand {
  readonly agency: string;
  readonly name: string;
  readonly state: MeasureState;
  readonly task?: string;
  readonly due?: string;
  readonly acceptedAt?: string;
  /** What the agency wrote, accepted or waiting to be judged. */
  readonly text?: string;
  readonly files?: OwnMeasure['files'];
}

type Places = Pick<Store, 'agencies' | 'tasks' | 'submissions'>;

/** Every agency, those without measures too; `within` holds it to an agency or a line. */
export async function readMeasureStands(
  store: Places,
  within: {
    readonly agencies: Readonly<Record<string, unknown>>;
    readonly tasks: Readonly<Record<string, unknown>>;
  },
): Promise<readonly MeasureStand[]> {
  const [agencies, measures, tasks] = await Promise.all([
    store.agencies
      .find(within.agencies as never, { name: 1 })
      .sort({ kind: -1, _id: 1 })
      .lean(),
    readOwnMeasures(store, within.tasks),
    store.tasks
      .find({ ...within.tasks, 'items.id': FIRST } as never, { agency: 1, state: 1, due: 1 })
      .sort({ openedAt: 1 })
      .lean(),
  ]);
  const accepted = new Map(measures.map((one) => [one.agency, one]));
  const asked = new Map(tasks.map((one) => [one.agency, one]));
  const said = await store.submissions
    .find({ task: { $in: tasks.map((one) => one._id) }, kind: 'answer' }, { task: 1, text: 1, files: 1 })
    .sort({ receivedAt: 1 })
    .lean();
  const answers = new Map(said.map((one) => [one.task, one]));
  return agencies.map(({ _id: agency, name }): MeasureStand => {
    const measure = accepted.get(agency);
    if (measure) {
      const { task, acceptedAt, text, files } = measure;
      return { agency, name, state: 'accepted', task, acceptedAt, text, files };
    }
    const task = asked.get(agency);
    if (!task || task.state === 'withdrawn' || task.state === 'closed')
      return { agency, name, state: 'notAsked' };
    const answer = task.state === 'inReview' ? answers.get(task._id) : undefined;
    return {
      agency,
      name,
      state: answer ? 'inReview' : 'asked',
      task: task._id,
      ...(task.due ? { due: task.due.at } : {}),
      ...(answer
        ? { text: answer.text, files: answer.files.map((one) => ({ name: one.name, sha256: one.sha256 })) }
        : {}),
    };
  });
}
