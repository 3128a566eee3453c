type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined; nothing when none is left. */
export const known = <T extends object>(given: T): Known<T> | undefined => {
  const kept: Record<string, unknown> = {};
  let any = false;
  for (const name in given) {
    const value = given[name];
    if (value === undefined) continue;
    kept[name] = value;
    any = true;
  }
  return any ? (kept as Known<T>) : undefined;
};
