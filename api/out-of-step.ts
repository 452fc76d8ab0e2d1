import { Problem, problemOf } from './problem.ts';

/** What may be done now, with what is asked about. */
type Possible = () => Promise<readonly string[] | undefined> | readonly string[];

/** Takes a step; one out of order comes back with the steps that are possible now, where its refusal does not bring them. */
export async function stepping<T>(possible: Possible, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const problem = problemOf(error);
    if (problem?.status !== 409 || problem.extension['possible'] !== undefined) throw error;
    const now = await possible();
    if (now === undefined) throw error;
    throw new Problem(409, problem.code, {
      ...(problem.message === problem.code ? {} : { detail: problem.message }),
      errors: problem.errors,
      headers: problem.headers,
      extension: { ...problem.extension, possible: now },
    });
  }
}
