import type { DnsQuestion, FileAct, HttpRequest, Session, TelemetryRecord } from "#telemetry/format.ts";
import { known } from "#telemetry/known.ts";
import { field, textField, textsField } from "./field.ts";

type Fields = Readonly<Record<string, unknown>>;
type Views = Pick<TelemetryRecord, "dns" | "http" | "session" | "file">;

/** What behaviours ask of a record, by the log it is of. */
export const viewsOf = (fields: Fields, event: string): Views => {
  const read = Object.hasOwn(views, event) ? views[event] : undefined;
  return read === undefined ? {} : read(fields);
};

const numberField = (fields: Fields, name: string): number | undefined => {
  const value = field(fields, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

const question = (fields: Fields): DnsQuestion | undefined => {
  const query = textField(fields, "query");
  if (query === undefined) return undefined;
  const number = numberField(fields, "qtype");
  const type = textField(fields, "qtype_name") ?? (number === undefined ? undefined : `TYPE${number}`);
  const rcode = textField(fields, "rcode_name");
  const answers = textsField(fields, "answers");
  return {
    query: query.replace(/\.$/, ""),
    ...(type === undefined ? {} : { type: type.toUpperCase() }),
    ...(rcode === undefined ? {} : { rcode: rcode.toUpperCase() }),
    ...(answers.length === 0 ? {} : { answers }),
  };
};

const request = (fields: Fields): HttpRequest | undefined => {
  const method = textField(fields, "method")?.toUpperCase();
  const uri = textField(fields, "uri");
  // To a proxy: the whole URL, or where to
  const whole = method === "CONNECT" ? uri : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(uri ?? "")?.[1];
  const local = method === "CONNECT" ? undefined : uri?.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  const mark = local?.indexOf("?") ?? -1;
  const path = mark < 0 ? local : local?.slice(0, mark);
  return known({
    method,
    host: whole ?? textField(fields, "host"),
    path: path === "" ? undefined : path,
    query: mark < 0 ? undefined : local?.slice(mark + 1),
    status: numberField(fields, "status_code"),
    agent: textField(fields, "user_agent"),
    referrer: textField(fields, "referrer"),
    bytes: numberField(fields, "response_body_len"),
  });
};

/** Who, where the log says it; nothing when it does not say whether it worked. */
const entered = (
  service: string,
  outcome: Session["outcome"],
  account: string | undefined,
  fields: Fields,
): Session | undefined => {
  if (outcome === undefined) return undefined;
  const country = textField(fields, "remote_location.country_code");
  const latitude = numberField(fields, "remote_location.latitude");
  const longitude = numberField(fields, "remote_location.longitude");
  return {
    ...(account === undefined ? {} : { account }),
    outcome,
    ...(country !== undefined && /^[A-Z]{2}$/.test(country) ? { country } : {}),
    ...(latitude === undefined || longitude === undefined ? {} : { latitude, longitude }),
    service,
  };
};

const outcomeOf = (value: unknown): Session["outcome"] =>
  value === true ? "success" : value === false ? "failure" : undefined;

const asSession = (session: Session | undefined): Views => (session === undefined ? {} : { session });

// base/protocols/smb/main.zeek, SMB::Action
const acts: Readonly<Record<string, FileAct["act"]>> = {
  "SMB::FILE_READ": "read",
  "SMB::FILE_OPEN": "read",
  "SMB::FILE_WRITE": "write",
  "SMB::FILE_RENAME": "rename",
  "SMB::FILE_DELETE": "delete",
};

// base/protocols/*/main.zeek, the Info record of each log
const views: Readonly<Record<string, (fields: Fields) => Views>> = {
  dns: (fields) => {
    const dns = question(fields);
    return dns === undefined ? {} : { dns };
  },
  http: (fields) => {
    const http = request(fields);
    return http === undefined ? {} : { http };
  },
  // Zeek tells from the traffic alone whether a password was taken: several attempts are one record.
  ssh: (fields) => asSession(entered("ssh", outcomeOf(field(fields, "auth_success")), undefined, fields)),
  ntlm: (fields) => {
    const user = textField(fields, "username");
    const domain = textField(fields, "domainname");
    const account = user === undefined || domain === undefined ? user : `${domain}\\${user}`;
    return asSession(entered("ntlm", outcomeOf(field(fields, "success")), account, fields));
  },
  kerberos: (fields) => {
    // Tickets for services are acts of who is in; a demand for a proof is no refusal.
    if (textField(fields, "request_type") !== "AS" || textField(fields, "error_msg") === "KDC_ERR_PREAUTH_REQUIRED")
      return {};
    return asSession(entered("kerberos", outcomeOf(field(fields, "success")), textField(fields, "client"), fields));
  },
  // RFC 959 §5.4
  ftp: (fields) => {
    const code = numberField(fields, "reply_code");
    const outcome = code === 230 ? "success" : code === 530 ? "failure" : undefined;
    return asSession(entered("ftp", outcome, textField(fields, "user"), fields));
  },
  radius: (fields) => {
    const result = textField(fields, "result");
    const outcome = result === "success" ? "success" : result === "failed" ? "failure" : undefined;
    return asSession(entered("radius", outcome, textField(fields, "username"), fields));
  },
  ldap: (fields) => {
    const result = textField(fields, "result");
    if (
      !/bind/.test(`${textField(fields, "opcode") ?? ""}${textsField(fields, "opcodes").join(" ")}`) ||
      result === undefined
    )
      return {};
    return asSession(
      entered("ldap", /^success$/.test(result) ? "success" : "failure", textField(fields, "object"), fields),
    );
  },
  smb_files: (fields) => {
    const action = textField(fields, "action") ?? "";
    const act = Object.hasOwn(acts, action) ? acts[action] : undefined;
    const name = textField(fields, "name");
    if (act === undefined || name === undefined) return {};
    const before = textField(fields, "prev_name");
    const share = textField(fields, "path");
    return {
      file: {
        act,
        path: act === "rename" && before !== undefined ? before : name,
        ...(act === "rename" && before !== undefined ? { to: name } : {}),
        ...(share === undefined ? {} : { share }),
      },
    };
  },
};
