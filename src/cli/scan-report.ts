import { css, html, type Html } from "#core/html.ts";
import { type Instant, printInstant } from "#core/instant.ts";
import { isTimed, type ScanHit } from "#jobs/scan/hit.ts";
import { sayBecause, titleOf } from "#words/because.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";
import { sortedRows, type Tally, type TallyRow } from "./scan-tables.ts";

export interface ScanReport {
  readonly language: Language;
  readonly made: Instant;
  readonly tally: Tally;
  /** Those that fit on a page. */
  readonly hits: readonly ScanHit[];
  readonly findings: number;
  readonly background: number;
  readonly files: number;
  readonly lines: number;
}

/** One page that needs nothing else: no script, no picture, nothing fetched; it can be mailed and printed. */
export const scanReport = ({ language, made, tally, hits, findings, background, files, lines }: ScanReport): string => {
  const words = (table: ReadonlyMap<string, TallyRow>, title: Html, hosts = true): Html =>
    table.size === 0 ? html`` : html`<h2>${title}</h2>${tableOf(language, table, hosts)}`;
  const page = html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${say(language, "scan.title")}</title>
<style>${style}</style></head>
<body><h1>${say(language, "scan.title")}</h1>
<p>${say(language, "scan.made", { time: stamp(Math.floor(made / 1000) * 1000), files, lines })}</p>
<p>${findings + background === 0 ? say(language, "scan.nothing") : say(language, "scan.counts", { findings, background })}</p>
${words(tally.rules, html`${say(language, "scan.rules")}`)}
${words(tally.hosts, html`${say(language, "scan.hosts")}`, false)}
${words(tally.tactics, html`${say(language, "scan.tactics")}`)}
${hits.length === 0 ? html`` : html`<h2>${say(language, "scan.hits")}</h2>${findings > hits.length ? html`<p>${say(language, "scan.some", { shown: hits.length, count: findings })}</p>` : html``}${listOf(language, hits)}`}
</body></html>
`;
  return page.text;
};

/** @param hosts whether rows say on how many machines; one of a machine need not */
const tableOf = (
  language: Language,
  table: ReadonlyMap<string, TallyRow>,
  hosts: boolean,
): Html => html`<table><thead><tr>
<th>${say(language, "scan.name")}</th><th>${say(language, "scan.severity")}</th><th class="n">${say(language, "scan.times")}</th>${hosts ? html`<th class="n">${say(language, "scan.machines")}</th>` : html``}<th>${say(language, "scan.first")}</th><th>${say(language, "scan.last")}</th></tr></thead><tbody>${sortedRows(
  table,
).map(
  (row) =>
    html`<tr><td>${nameOf(language, row)}</td><td class="${row.severity}">${say(language, `glossary.severity.${row.severity}`)}</td><td class="n">${row.hits}</td>${hosts ? html`<td class="n">${row.hosts.size}</td>` : html``}<td>${stamp(row.first)}</td><td>${stamp(row.last)}</td></tr>`,
)}</tbody></table>`;

/** As scan-tables.ts calls a listed value. */
const listed = "indicator ";

const nameOf = (language: Language, row: TallyRow): Html => {
  if (row.name.startsWith(listed))
    return html`${say(language, "scan.listed", { value: row.name.slice(listed.length) })}`;
  const title = row.title === "" ? titleOf(language, row.name) : titleOf(language, row.title);
  return title === row.name ? html`${title}` : html`${title} <small>${row.name}</small>`;
};

const listOf = (language: Language, hits: readonly ScanHit[]): Html => html`<table><thead><tr>
<th>${say(language, "scan.time")}</th><th>${say(language, "scan.severity")}</th><th>${say(language, "scan.what")}</th><th>${say(language, "scan.where")}</th></tr></thead><tbody>${hits.map(
  (hit) =>
    html`<tr><td>${stamp(hit.time)}</td><td class="${hit.severity}">${say(language, `glossary.severity.${hit.severity}`)}</td><td>${whatOf(language, hit)}</td><td class="w">${hit.file}:${hit.line}</td></tr>`,
)}</tbody></table>`;

const whatOf = (language: Language, hit: ScanHit): Html => {
  if (isTimed(hit))
    return html`<b>${titleOf(language, hit.title)}</b> ${hit.entities.join(" · ")}<ul>${hit.because.map((step) => html`<li>${sayBecause(language, step)}</li>`)}</ul>`;
  if (hit.detector === "sigma") return html`<b>${hit.title}</b> ${hit.host ?? ""} <small>${hit.rule}</small>`;
  return html`<b>${hit.observable.value}</b> ${hit.host ?? ""} <small>${hit.indicator.value} (${hit.indicator.sources.join(", ")})</small>`;
};

const stamp = (time: number): string => printInstant(time as Instant).replace(".000Z", "Z");

const style = css`
:root { color-scheme: light dark; }
body { font: 14px/1.5 system-ui, sans-serif; color: light-dark(#0d1f2b, #e7eff3); background: light-dark(#f3f6f7, #08131b); margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid light-dark(#b9c6cd, #2b4558); overflow-wrap: anywhere; }
th { font-weight: 600; white-space: nowrap; } td:first-child, .w { font-variant-numeric: tabular-nums; } .n { text-align: end; font-variant-numeric: tabular-nums; }
small { color: light-dark(#3a4d5a, #b6c6cf); } ul { margin: .2rem 0 0; padding-inline-start: 1.1rem; }
.critical, .high { font-weight: 600; } .critical, .high, .medium, .low, .info { white-space: nowrap; }
.critical { color: light-dark(#b00d20, #ff8e90); } .high { color: light-dark(#9a3d06, #ffae70); } .medium { color: light-dark(#715300, #e8cb5c); } .low { color: light-dark(#1b5a94, #8fc6f6); } .info { color: light-dark(#526570, #a7b8c2); }
.critical::before { content: '▲▲ '; } .high::before { content: '▲ '; } .medium::before { content: '◆ '; } .low::before { content: '○ '; } .info::before { content: '▭ '; }
@media print { body { margin: 0; max-width: none; } }
`;
