import type { Format } from "./format.ts";
import { format as suricataEve } from "./suricata-eve/format.ts";
import { format as zeek } from "./zeek/format.ts";

/** Every format, the one that is asked first, first. A test holds the list to the folders. */
export const formats: readonly Format[] = [suricataEve, zeek];

export const formatById = (id: string): Format | undefined => formats.find((format) => format.id === id);

/** The format that a stream's first bytes look like; absent: nobody's. */
export const detectFormat = (head: Uint8Array): Format | undefined => formats.find((format) => format.accepts(head));
