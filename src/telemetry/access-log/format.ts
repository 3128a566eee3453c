import type { Format } from "#telemetry/format.ts";
import { mostLines } from "#telemetry/head-lines.ts";
import { webPolicy, webserverRules } from "#telemetry/web-record.ts";
import { looksLikeAccess, parseAccess } from "./parse.ts";
import { scanAccess } from "./scan.ts";

/** Access logs of Apache httpd, nginx and whoever writes like them: common, combined, with virtual host, with forwarded addresses. */
export const format: Format = {
  id: "access-log",
  title: "Web server access log (Apache, nginx)",
  accepts: (head) => mostLines(head, looksLikeAccess),
  open: (stream = {}) => ({ parse: (line) => parseAccess(line, stream), scan: scanAccess }),
  rules: webserverRules({ category: "webserver", product: "apache" }, { category: "webserver", product: "nginx" }),
  policy: { ...webPolicy, rest: "secrets" },
};
