interface Query {
  readonly state?: readonly string[] | undefined;
  readonly channel?: readonly string[] | undefined;
  readonly agency?: string | undefined;
  readonly light?: readonly string[] | undefined;
}

/** The query that finds clues of these states, channels, lights and one agency. `now` is epoch ms. */
export function clueFilter({ state, channel, agency, light }: Query, now: number): Record<string, unknown> {
  return {
    ...(state === undefined ? {} : { state: { $in: state } }),
    ...(channel === undefined ? {} : { channel: { $in: channel } }),
    ...(agency === undefined ? {} : { agency }),
    ...(light === undefined ? {} : { $or: light.map((one) => ofLight(one, new Date(now))) }),
  };
}

/** clueLight of domain/clue-deadline.ts said in MongoDB's words. */
function ofLight(light: string, at: Date): Record<string, unknown> {
  switch (light) {
    case 'red':
      return { dueAt: { $lt: at } };
    case 'yellow':
      return {
        $or: [
          { dueAt: { $gte: at }, warnAt: { $lte: at } },
          { dueAt: { $exists: false }, late: true },
        ],
      };
    case 'green':
      return {
        $or: [
          { dueAt: { $gte: at }, warnAt: { $gt: at } },
          { dueAt: { $exists: false }, late: false },
        ],
      };
    default:
      return { _id: '' };
  }
}
