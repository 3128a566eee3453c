import { type Checked, type CheckOptions } from "./check-notes.ts";
import { checkObject } from "./check-object.ts";
import type { Slice } from "./object-slices.ts";

/**
 * Checks an object as it was written: what its JSON hides, and what its properties say. Where no value can be made of the
 * bytes only the first is told.
 */
export const checkSlice = (slice: Slice, options: CheckOptions = {}): Checked => {
  const value = slice.readLeniently();
  if (!value.ok) return { problems: slice.problems.length > 0 ? slice.problems : [value.problem], warnings: [] };
  const { problems, warnings } = checkObject(value.value, options);
  return { problems: [...slice.problems, ...problems], warnings };
};
