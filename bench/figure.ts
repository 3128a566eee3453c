/** One figure a line: name, value, unit, goal; tabs between, so that `run.ts` can lay them out. */
export const figure = (name: string, value: number, unit: string, goal: string): void => {
  const shown = Number.isInteger(value)
    ? value.toLocaleString("en")
    : value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 });
  process.stdout.write(`${name}\t${shown}\t${unit}\t${goal}\n`);
};
