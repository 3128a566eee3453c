import type { DnsQuestion, FileAct, Growing, HttpRequest, Session, TelemetryRecord } from "#telemetry/format.ts";
import { known } from "#telemetry/known.ts";
import { type Fields, numberAt, objectAt, objectsAt, textAt, textsAt } from "./fields.ts";

type Views = Growing<Pick<TelemetryRecord, "dns" | "http" | "session" | "file">>;

/** What behaviours ask of a record, read from the event's own part; alerts and files about a transaction repeat nothing. */
export const addViews = (views: Views, fields: Fields, event: string): void => {
  const part = objectAt(fields, event);
  if (part === undefined) return;
  if (event === "dns") {
    const dns = question(part);
    if (dns) views.dns = dns;
  } else if (event === "http") {
    const http = request(part);
    if (http) views.http = http;
  } else {
    const session = sessions.get(event)?.(part);
    if (session) views.session = session;
    const act = event === "smb" ? file(part) : undefined;
    if (act) views.file = act;
  }
};

/** Versions 1 and 2: an event is of type "query" or "answer"; version 3 (Suricata 8): "request" or "response". */
const question = (dns: Fields): DnsQuestion | undefined => {
  const asked = objectsAt(dns, "queries")[0] ?? objectsAt(dns, "query")[0];
  const query = textAt(dns, "rrname") ?? (asked && textAt(asked, "rrname"));
  if (query === undefined) return undefined;
  const type = textAt(dns, "rrtype") ?? (asked && textAt(asked, "rrtype"));
  const answered = textAt(dns, "type") === "answer" || textAt(dns, "type") === "response";
  const own = textAt(dns, "rdata");
  const answers: string[] = [];
  for (const answer of objectsAt(dns, "answers")) {
    const data = textAt(answer, "rdata");
    if (data !== undefined) answers.push(data);
  }
  const grouped = objectAt(dns, "grouped");
  if (answers.length === 0 && grouped) for (const name of Object.keys(grouped)) answers.push(...textsAt(grouped, name));
  if (own !== undefined) answers.push(own);
  const question: Growing<DnsQuestion> = { query: query.endsWith(".") ? query.slice(0, -1) : query };
  if (type !== undefined) question.type = type.toUpperCase();
  if (answered) question.rcode = (textAt(dns, "rcode") ?? "NOERROR").toUpperCase();
  if (answers.length > 0) question.answers = answers;
  return question;
};

const request = (http: Fields): HttpRequest | undefined => {
  const method = textAt(http, "http_method")?.toUpperCase();
  const target = textAt(http, "url");
  // To a proxy: the whole URL, or where to
  const before =
    target === undefined || target.startsWith("/") ? null : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target);
  const whole = method === "CONNECT" ? target : before?.[1];
  const local = method === "CONNECT" ? undefined : target?.slice(before?.[0].length ?? 0);
  const mark = local?.indexOf("?") ?? -1;
  const path = mark < 0 ? local : local?.slice(0, mark);
  return known({
    method,
    host: whole ?? textAt(http, "hostname"),
    path: path === "" ? undefined : path,
    query: mark < 0 ? undefined : local?.slice(mark + 1),
    status: numberAt(http, "status"),
    agent: textAt(http, "http_user_agent"),
    referrer: textAt(http, "http_refer"),
    bytes: numberAt(http, "length"),
  });
};

/** Only the first exchange is a log-on; tickets for services are acts of who is in. A demand for a proof is no refusal. */
const kerberos = (krb5: Fields): Session | undefined => {
  const type = textAt(krb5, "msg_type");
  const code = textAt(krb5, "error_code");
  const first = type === "KRB_AS_REP" || (type === "KRB_ERROR" && textAt(krb5, "failed_request") !== "KRB_TGS_REQ");
  if (!first || code === "KDC_ERR_PREAUTH_REQUIRED") return undefined;
  const account = textAt(krb5, "cname");
  return {
    ...(account === undefined || account === "<empty>" ? {} : { account }),
    outcome: type === "KRB_ERROR" ? "failure" : "success",
    service: "kerberos",
  };
};

const smb = (record: Fields): Session | undefined => {
  if (
    textAt(record, "command") !== "SMB2_COMMAND_SESSION_SETUP" &&
    textAt(record, "command") !== "SMB1_COMMAND_SESSION_SETUP_ANDX"
  )
    return undefined;
  const status = textAt(record, "status");
  if (status === undefined || status === "STATUS_MORE_PROCESSING_REQUIRED") return undefined;
  const ntlm = objectAt(record, "ntlmssp");
  const user = ntlm && textAt(ntlm, "user");
  const domain = ntlm && textAt(ntlm, "domain");
  return {
    ...(user === undefined ? {} : { account: domain === undefined ? user : `${domain}\\${user}` }),
    outcome: status === "STATUS_SUCCESS" ? "success" : "failure",
    service: "smb",
  };
};

const acts: Readonly<Record<string, FileAct["act"]>> = {
  SMB2_COMMAND_CREATE: "create",
  SMB2_COMMAND_WRITE: "write",
  SMB2_COMMAND_READ: "read",
};

/** What a client did to a file on a share; renames and deletions are set as information of an open file. */
const file = (record: Fields): FileAct | undefined => {
  const path = textAt(record, "filename");
  const rename = objectAt(record, "rename");
  const share = textAt(record, "share");
  const of = share === undefined ? {} : { share };
  const from = rename && textAt(rename, "from");
  const to = rename && textAt(rename, "to");
  if (from !== undefined && to !== undefined) return { act: "rename", path: from, to, ...of };
  if (path === undefined) return undefined;
  const disposition = textAt(record, "disposition") ?? "";
  const command = textAt(record, "command") ?? "";
  const act = disposition === "FILE_OPEN" ? "read" : Object.hasOwn(acts, command) ? acts[command] : undefined;
  return act === undefined ? undefined : { act, path, ...of };
};

/** FTP: 230 lets in, 530 does not (RFC 959 §5.4). */
const ftp = (record: Fields): Session | undefined => {
  const codes = textsAt(record, "completion_code");
  const outcome = codes.includes("230") ? "success" : codes.includes("530") ? "failure" : undefined;
  return outcome === undefined ? undefined : { outcome, service: "ftp" };
};

/** LDAP: result 0 of a bind lets in, 49 (invalidCredentials) does not (RFC 4511 §4.2). */
const ldap = (record: Fields): Session | undefined => {
  const asked = objectAt(record, "request");
  const bind = asked && objectAt(asked, "bind_request");
  if (bind === undefined) return undefined;
  const account = textAt(bind, "name");
  for (const response of objectsAt(record, "responses")) {
    const result = objectAt(response, "bind_response");
    const code = result && textAt(result, "result_code");
    if (code === undefined || code === "sasl_bind_in_progress" || code === "SaslBindInProgress") continue;
    const outcome = /^success$/i.test(code) ? "success" : "failure";
    return { ...(account === undefined ? {} : { account }), outcome, service: "ldap" };
  }
  return undefined;
};

const sessions: ReadonlyMap<string, (part: Fields) => Session | undefined> = new Map([
  ["krb5", kerberos],
  ["smb", smb],
  ["ftp", ftp],
  ["ldap", ldap],
]);
