/** What a change sets and what it takes away: what is not named stays, null takes away. */
export function changeOf<B extends object>(body: B) {
  const given = Object.entries(body).filter(([, value]) => value !== undefined);
  return {
    named: given.map(([name]) => name),
    $set: Object.fromEntries(given.filter(([, value]) => value !== null)) as {
      readonly [K in keyof B]?: NonNullable<B[K]>;
    },
    $unset: Object.fromEntries(
      given.filter(([, value]) => value === null).map(([name]) => [name, 1 as const]),
    ),
  };
}
