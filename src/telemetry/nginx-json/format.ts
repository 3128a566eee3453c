import type { Format } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { webPolicy, webserverRules } from "#telemetry/web-record.ts";
import { parseNginxJson } from "./parse.ts";

/** Access logs of nginx (and of Caddy, Traefik and others with such keys) that an operator's `log_format … escape=json` writes. */
export const format: Format = {
  id: "nginx-json",
  title: "Web server access log in JSON (nginx, Caddy, Traefik)",
  accepts: (head) => {
    const text = jsonHead(head);
    if (text === undefined || /"(?:event_type|_path|@stream|eventVersion|apiVersion)"\s*:/.test(text)) return false;
    return (
      /"(?:remote_addr|remote_ip|client_ip|ClientHost|ClientAddr|remoteAddr|clientip|http_x_forwarded_for)"\s*:/.test(
        text,
      ) &&
      /"(?:request|request_uri|uri|request_method|method|RequestPath|RequestMethod|verb|http_user_agent)"\s*:/.test(
        text,
      ) &&
      /"(?:status|status_code|OriginStatus|DownstreamStatus|response)"\s*:/.test(text)
    );
  },
  open: (stream = {}) => ({ parse: (line) => parseNginxJson(line, stream) }),
  rules: webserverRules({ category: "webserver", product: "nginx" }),
  policy: {
    ...webPolicy,
    remote_user: "hash",
    user_id: "hash",
    ClientUsername: "hash",
    http_cookie: "drop",
    sent_http_set_cookie: "drop",
    http_authorization: "drop",
    request_body: "drop",
    "request.headers.Cookie": "drop",
    "request.headers.Authorization": "drop",
    "resp_headers.Set-Cookie": "drop",
    "request.uri": "secrets",
    request_uri: "secrets",
    request_url: "secrets",
    uri: "secrets",
    url: "secrets",
    args: "secrets",
    query_string: "secrets",
    RequestPath: "secrets",
    http_referer: "secrets",
    http_referrer: "secrets",
    referer: "secrets",
  },
};
