import type { Milestone, TaskState } from './task.ts';

/** A state without its milestones. */
export type BareState = TaskState extends infer S
  ? S extends TaskState
    ? Omit<S, 'milestones'>
    : never
  : never;

/** States of tasks that mostly share their milestones: each list stands once, since what crosses to the engine is kept in its history. */
export interface PackedStates {
  readonly milestones: readonly (readonly Milestone[])[];
  readonly states: readonly (BareState & { readonly list: number })[];
}

export function packStates(states: readonly TaskState[]): PackedStates {
  const places = new Map<string, number>();
  const lists: (readonly Milestone[])[] = [];
  const packed = states.map(({ milestones, ...bare }) => {
    const id = JSON.stringify(milestones);
    const list = places.get(id) ?? lists.push(milestones) - 1;
    places.set(id, list);
    return { ...bare, list };
  });
  return { milestones: lists, states: packed };
}

export function unpackStates({ milestones, states }: PackedStates): TaskState[] {
  return states.map(({ list, ...bare }): TaskState => ({ ...bare, milestones: milestones[list] ?? [] }));
}
