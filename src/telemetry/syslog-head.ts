/** What a syslog relay put before a line; the formats here read what stands behind it. */
export interface SyslogHead {
  readonly host?: string;
  /** As it stands: ISO 8601 (RFC 5424), or without a year (RFC 3164). */
  readonly time?: string;
  readonly app?: string;
  readonly rest: string;
}

const rfc5424 = /^<\d{1,3}>1 (\S+) (\S+) (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+) ?(?:\u{feff})?/u;
const rfc3164 =
  /^(?:<\d{1,3}>)?(?:((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?):? )(?:(\S*[^\s:]) )?(?:([^\s:[\]]+)(?:\[[^\]\s]*\])?: )?/;
const priority = /^<\d{1,3}>/;

/** A line without syslog's head, RFC 5424 §6 or RFC 3164 §4.1.2; a line that has none is all `rest`. */
export const syslogHead = (line: string): SyslogHead => {
  const found = rfc5424.exec(line) ?? rfc3164.exec(line);
  if (found === null) return { rest: line.replace(priority, "") };
  const [whole, time, host, app] = found;
  const said = (text: string | undefined): text is string => text !== undefined && text !== "" && text !== "-";
  return {
    ...(said(time) ? { time } : {}),
    ...(said(host) ? { host } : {}),
    ...(said(app) ? { app } : {}),
    rest: line.slice(whole.length),
  };
};
