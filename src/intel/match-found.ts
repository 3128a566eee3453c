/**
 * How sure the byte path of a reader is of what it reports.
 *   listed    the value itself, verified byte by byte against the arena
 *   endpoint  the host has listed endpoints, and the port was not known
 *   url       the host has listed URLs
 */
export const found = { listed: 0, endpoint: 1, url: 2 } as const;
export type Found = (typeof found)[keyof typeof found];

/** `record` names a listed value for `MatchReader.matchAt` when `how` is `listed`. Must not call the reader again. */
export type OnFound = (record: number, how: Found) => void;
