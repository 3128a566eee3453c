import type { ObservableKind } from "#core/observable.ts";
import type { ListAbout, ListRow, ListTotals } from "#share/list-entry.ts";

/**
 * How a list is written. Rows come one at a time, so that a list of any length passes through; a row that the format cannot
 * say without another meaning is undefined, and is counted.
 */
export interface ListFormat {
  /** Media type of the answer. */
  readonly type: string;
  readonly head: (about: ListAbout) => string;
  readonly row: (row: ListRow, about: ListAbout) => string | undefined;
  /** Stands between two rows; absent: nothing, each row ends its own line. */
  readonly between?: string;
  readonly foot: (totals: ListTotals, about: ListAbout) => string;
  /** The head says when the content changed: the same content needs the same time. */
  readonly dated?: true;
  /** One file of it holds values of one of these sets only. */
  readonly oneOf?: readonly (readonly ObservableKind[])[];
}

/** Text that holds no line end, no control character and no lone surrogate: it is one line in every format. */
export const isLine = (text: string): boolean => text !== "" && text.isWellFormed() && !control.test(text);
const control = /[\p{Cc}\u2028\u2029]/u;

/** A comment cannot end its line. */
export const commentText = (text: string): string => text.toWellFormed().replace(/[\p{Cc}\u2028\u2029]/gu, " ");

/** The lines all lists with comments begin with. */
export const headLines = (about: ListAbout): readonly string[] => [
  `${commentText(about.community)}: ${commentText(about.name)}`,
  "under the agreement in force; do not pass on more widely than TLP allows",
];

/** The lines they end with: how many, how far they may be told, whose work they are. */
export const footLines = ({ count, unsaid, sources, tlp, licences }: ListTotals): readonly string[] => [
  `${count} values, TLP:${tlp.toUpperCase()}${licences.length === 0 ? "" : `, licences: ${licences.join(", ")}`}`,
  ...(unsaid === 0 ? [] : [`${unsaid} more that this format cannot say`]),
  `sources: ${sources.map(commentText).join("; ") || "not named"}`,
];
