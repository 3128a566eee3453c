import { type ErrorCode, errors } from "#core/errors.ts";
import { type Html, html } from "#core/html.ts";
import { nameOf, isMedia, sayWho } from "./openapi.ts";
import type { Route } from "./route.ts";

/** The API on one page: routes with who may call them, and every error with its status. The machine's version is /api/openapi.json. */
export const docsPage = (routes: readonly Route[], version: string): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>waglan API ${version}</title>
<link rel="stylesheet" href="/answer.css">
</head>
<body>
<main>
<h1>waglan API ${version}</h1>
<p><a href="/api/openapi.json">OpenAPI 3.1 document</a>. Errors are RFC 9457 problem documents. Sessions send <code>x-waglan: 1</code> with everything but GET; machines send <code>Authorization: Bearer wgl_…</code>.</p>
<h2 id="routes">Routes</h2>
<table>
<thead><tr><th scope="col">Route</th><th scope="col">Does</th><th scope="col">Who</th><th scope="col">Takes</th><th scope="col">Gives</th></tr></thead>
<tbody>${routes.map(row)}</tbody>
</table>
<h2 id="errors">Errors</h2>
<table>
<thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Says</th><th scope="col">Trying again helps</th></tr></thead>
<tbody>${(Object.keys(errors) as ErrorCode[]).map(
  (code) =>
    html`<tr id="${code}"><th scope="row"><code>${code}</code></th><td>${errors[code].http}</td><td>${errors[code].says}</td><td>${errors[code].retry}</td></tr>
`,
)}</tbody>
</table>
</main>
</body>
</html>
`;

const row = (route: Route): Html =>
  html`<tr><th scope="row"><code>${route.method} ${route.url}</code></th><td>${route.does}</td><td>${sayWho(route.who)}</td><td>${takes(route)}</td><td>${gives(route)}</td></tr>
`;

const takes = (route: Route): string =>
  route.takes?.join(", ") ?? (route.body === undefined ? "" : (nameOf(route.body) ?? "JSON"));

const gives = ({ gives: given }: Route): string =>
  given === undefined
    ? ""
    : isMedia(given)
      ? given.map((type) => type.replace(/;.*/, "")).join(", ")
      : (nameOf(given) ?? "JSON");
