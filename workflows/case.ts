import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { type CaseOrder, type CaseStand } from '../domain/case.ts';
import { obeyInCase } from '../domain/case-command.ts';
import { judged } from '../domain/case-steps.ts';
import { type CaseCarry, CaseInHand, standOf } from './case-hand.ts';
import { tellStandOfCase } from './current-details.ts';
import { type OrderCase, clockSignal, commandCase, wakeSignal } from './messages.ts';
import { checked, refuseForgotten, refused } from './refused.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});
const { startGroups, orderGroups } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

export interface CaseInput {
  readonly no: string;
  readonly carry?: CaseCarry;
}

const DAY_MS = 86_400_000;
const TOLD_LATER: readonly string[] = ['extended', 'resumed'];
/** Updates of one run, short of the engine's end of 2,000. */
const UPDATES_A_RUN = 1_800;

/** One case (个案监督), from the accepted clue to the archive: people decide, agencies answer, clocks tell who is late; the machine decides nothing. */
export async function caseWorkflow(input: CaseInput): Promise<void> {
  const file = new CaseInHand(input.no, input.carry);
  setHandler(wakeSignal, () => {
    file.wakes += 1;
  });
  setHandler(clockSignal, (clock) => {
    file.clock = clock;
    file.wakes += 1;
  });
  setHandler(commandCase, (command) => obey(file, command), {
    validator: (command) => {
      if (file.results.has(command.id)) return;
      refuseForgotten(command);
      if (file.ready) check(file, command);
    },
  });
  if (!file.ready) file.open(await activities.takeUpCase(input.no));
  tellStandOfCase(file.state.line.state);
  do {
    await Promise.all([keepRecorded(file), keepHearing(file), keepTime(file)]);
    await condition(() => allHandlersFinished() || !file.over());
  } while (!file.over());
  if (file.renewing) await continueAsNew<typeof caseWorkflow>({ no: input.no, carry: file.carry() });
}

const check = (file: CaseInHand, command: OrderCase): void =>
  checked(() => obeyInCase(file.state, command, file.now()));

/** A person's order: a report is judged with its task first, which may know of a newer answer. */
async function obey(file: CaseInHand, command: OrderCase): Promise<CaseStand> {
  file.commands += 1;
  await condition(() => file.ready);
  const known = file.results.get(command.id);
  if (known) return known;
  check(file, command);
  if (command.kind === 'verify') {
    const paper = judged(file.state);
    if (paper) await refused(activities.judgeCaseTask(file.no, paper.id, command));
    check(file, command);
  }
  file.apply(obeyInCase(file.state, command, file.now()));
  const stand = standOf(file);
  file.results.set(command.id, stand);
  await file.shown();
  file.wakes += 1;
  return stand;
}

/** Clocks are worked out, what was decided is written down, then done: one after another. */
async function keepRecorded(file: CaseInHand): Promise<void> {
  while (!file.over()) {
    await condition(() => file.busy() || file.over());
    const missing = file.missing();
    if (missing.length > 0) file.start(await activities.measureCase(file.no, missing));
    if (file.unwritten()) {
      const record = file.takeRecord();
      await activities.recordCase(record);
      file.recorded(record);
      tellStandOfCase(file.state.line.state);
    }
    const order = file.takeOrder();
    if (order) {
      await carryOut(file, order);
      file.carriedOut();
    }
    const info = workflowInfo();
    if (info.continueAsNewSuggested || file.commands >= UPDATES_A_RUN) file.renewing = true;
  }
}

async function carryOut({ no }: CaseInHand, order: CaseOrder): Promise<void> {
  switch (order.kind) {
    case 'openTask': {
      const group = await activities.openCaseTask(no, order);
      if (group) await startGroups(no, group.phase, [{ id: group.id, added: false }]);
      return;
    }
    case 'endTasks':
      return activities.endCaseTasks(no, order);
    case 'holdTasks':
    case 'resumeTasks':
      return orderGroups(
        no,
        {
          id: `${order.kind}/${workflowInfo().historyLength}`,
          kind: order.kind === 'holdTasks' ? 'pause' : 'resume',
          by: 'system',
        },
        null,
      );
    case 'withdrawPaper':
      return activities.withdrawCasePaper(no, order);
    case 'tellComplainant':
      // Cases that were extended or resumed before their complainants were told of it replay as they were.
      if (TOLD_LATER.includes(order.step) && !patched('told-of-time')) return;
      return activities.tellCaseComplainant(no, order);
    case 'tellAnswer':
      return activities.tellObjectionAnswer(no, order);
  }
}

/** A hint, or a day gone by while something is with the agency: the store says how the tasks stand. An objection may come when nothing is with the agency any more; cases that began before this was heard replay as they were. */
async function keepHearing(file: CaseInHand): Promise<void> {
  let heard = 0;
  while (!file.over()) {
    const news = () => file.wakes !== heard || file.over();
    const day = Math.ceil(DAY_MS / file.clock.rate);
    if (file.waitsForAgency()) await condition(news, day);
    else await condition(() => news() || file.waitsForAgency());
    if (file.over()) return;
    heard = file.wakes;
    if (file.waitsForAgency() || (file.mayBeObjectedTo() && patched('objected-after-report')))
      file.hear(await activities.readCaseTasks(file.no));
  }
}

/** One timer: the earliest date of the case's own. */
async function keepTime(file: CaseInHand): Promise<void> {
  while (!file.over()) {
    const wake = file.nextWake();
    const moved = () => file.over() || file.nextWake() !== wake;
    if (wake === undefined) await condition(moved);
    else if (!(await condition(moved, Math.max(1, wake - Date.now())))) file.tick();
  }
}
