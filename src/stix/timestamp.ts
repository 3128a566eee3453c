import { type Instant, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";

const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/**
 * A STIX timestamp as the moment waglan reckons with (milliseconds). Authors may write any number of fractional digits
 * and versions differ by them: keep the text when versions are compared.
 * @see STIX 2.1 §3.6 Timestamp
 */
export const parseTimestamp = (value: unknown, property: string): Result<Instant> => {
  const time = typeof value === "string" && written.test(value) ? parseInstant(cut(value)) : undefined;
  return time?.ok === true ? ok(time.value) : no("WGL_STIX_OBJECT", { property, wanted: "a timestamp" });
};

/** `parseInstant` reads at most nine fractional digits. */
const cut = (text: string): string => text.replace(/(\.\d{9})\d+/, "$1");
