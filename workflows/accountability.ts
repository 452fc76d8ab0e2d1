import { allHandlersFinished, condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import {
  type AccountabilityOrder,
  type AccountabilityState,
  obeyAccountability,
} from '../domain/accountability.ts';
import { AccountabilityFile } from './accountability-file.ts';
import { tellStandOfAccountability } from './current-details.ts';
import { type OrderAccountability, clockSignal, commandAccountability, wakeSignal } from './messages.ts';
import { checked, refuseForgotten } from './refused.ts';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});
const { startGroups } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
});

export interface AccountabilityInput {
  readonly no: string;
}

/** One recommendation (责任追究建议): sent to the competent body, its outcome recorded by a person, in effect from its first day, and over after its last. */
export async function accountabilityWorkflow({ no }: AccountabilityInput): Promise<void> {
  let file: AccountabilityFile | undefined;
  // Reason: the body's answer is read by a person, who records the outcome; a hint asks for nothing here.
  setHandler(wakeSignal, () => undefined);
  setHandler(clockSignal, (clock) => {
    if (file) file.clock = clock;
  });
  setHandler(
    commandAccountability,
    async (command) => {
      await condition(() => file !== undefined);
      return obey(file as AccountabilityFile, command);
    },
    {
      validator: (command) => {
        if (file?.results.has(command.id)) return;
        refuseForgotten(command);
        if (file && !sending(file)) check(file, command);
      },
    },
  );
  const opened = new AccountabilityFile(await activities.takeUpAccountability(no));
  file = opened;
  tellStandOfAccountability(opened.state.status);
  await send(opened);
  await Promise.all([keepWorking(opened), keepTime(opened)]);
  await condition(allHandlersFinished);
}

/** The recommendation goes out as a task, a group of one. */
async function send(file: AccountabilityFile): Promise<void> {
  if (file.state.status !== 'recommended') return;
  const { no } = file.state;
  const { task, group } = await activities.openAccountabilityTask(no);
  await startGroups(no, 'accountability', [{ id: group, added: false }]);
  file.sent(task);
}

/** On its way to the competent body: for a moment nobody can say anything to it, and who does is heard afterwards. */
const sending = ({ state }: AccountabilityFile): boolean => state.status === 'recommended';

const check = (file: AccountabilityFile, command: OrderAccountability): void =>
  checked(() => obeyAccountability(file.state, command, file.now()));

async function obey(file: AccountabilityFile, command: OrderAccountability): Promise<AccountabilityState> {
  await condition(() => !sending(file));
  const known = file.results.get(command.id);
  if (known) return known;
  check(file, command);
  file.apply(obeyAccountability(file.state, command, file.now()));
  const { state } = file;
  file.results.set(command.id, state);
  await file.shown();
  return state;
}

async function keepWorking(file: AccountabilityFile): Promise<void> {
  const doing = { record: activities.recordAccountability, carryOut: (order: AccountabilityOrder) => carryOut(file, order) }; // prettier-ignore
  while (!file.over()) {
    await condition(() => file.busy() || file.over());
    await file.work(doing);
    tellStandOfAccountability(file.state.status);
  }
}

async function carryOut({ state: { no } }: AccountabilityFile, order: AccountabilityOrder): Promise<void> {
  switch (order.kind) {
    case 'bar':
      return activities.barHolder(no, order);
    case 'lift':
      return activities.liftBar(no, order.endedOn);
    case 'tellUnit':
      return activities.tellHolderUnit(no, order.what);
    case 'endTask':
      return activities.endAccountabilityTask(no, order);
  }
}

/** One timer: the first day of a measure, or the day after its last. */
async function keepTime(file: AccountabilityFile): Promise<void> {
  while (!file.over()) {
    const wake = file.nextWake();
    const moved = () => file.over() || file.nextWake() !== wake;
    if (wake === undefined) await condition(moved);
    else if (!(await condition(moved, Math.max(1, wake - Date.now())))) file.tick();
  }
}
