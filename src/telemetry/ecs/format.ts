import type { Format } from "#telemetry/format.ts";
import { jsonHead } from "#telemetry/head-lines.ts";
import { parseEcs } from "./parse.ts";
import { ecsRules } from "./rules.ts";

/** Documents of the Elastic Common Schema: Beats, Elastic Agent, Endpoint, exports of a search. Windows' have `winlog` and are read as Windows' own. */
export const format: Format = {
  id: "ecs",
  title: "ECS (Elastic Common Schema)",
  accepts: (head) => {
    const text = jsonHead(head);
    if (text === undefined || !/"@timestamp"\s*:/.test(text)) return false;
    return (
      /"ecs"\s*:\s*\{\s*"version"|"ecs\.version"\s*:/.test(text) ||
      /"event\.(?:category|dataset|kind|module|action)"\s*:/.test(text) ||
      (/"event"\s*:\s*\{/.test(text) && /"(?:category|dataset|kind|module|action)"\s*:/.test(text))
    );
  },
  open: (stream = {}) => ({ parse: (line) => parseEcs(line, stream) }),
  rules: ecsRules,
  policy: {
    message: "drop",
    "event.original": "drop",
    "user.name": "hash",
    "user.email": "hash",
    "user.full_name": "hash",
    "user.target.name": "hash",
    "user.effective.name": "hash",
    "source.user.name": "hash",
    "destination.user.name": "hash",
    "client.user.name": "hash",
    "server.user.name": "hash",
    "related.user": "hash",
    "process.user.name": "hash",
    "process.command_line": "secrets",
    "process.args": "secrets",
    "process.parent.command_line": "secrets",
    "process.parent.args": "secrets",
    "url.full": "secrets",
    "url.original": "secrets",
    "url.query": "secrets",
    "url.username": "hash",
    "url.password": "drop",
    "http.request.referrer": "secrets",
    "http.request.body.content": "drop",
    "http.response.body.content": "drop",
    "email.subject": "drop",
    "process.env_vars": "drop",
  },
};
