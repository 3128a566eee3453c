import type { Registry } from "prom-client";
import { Health, Readiness } from "#api/health.ts";
import { instant, printInstant } from "#core/instant.ts";
import { type Route, route } from "#http/route.ts";

/** Whom a finder of a hole in waglan's installation writes to; RFC 9116. */
export interface SecurityContact {
  /** "mailto:…", "https://…" or "tel:…", best first. */
  readonly contacts: readonly string[];
  readonly policy?: string;
  /** Where this file is read, if there is a public address. */
  readonly canonical?: string;
  readonly languages: readonly string[];
}

/** RFC 9116 §2.5.5 recommends less than a year; each reader gets half a year from today, since the file is made anew. */
const securityTextDays = 180;

/** For those who run waglan, and those who find it broken. */
export const processRoutes = (metrics: Registry, security: SecurityContact): readonly Route[] => [
  route({
    method: "GET",
    url: "/healthz",
    who: "public",
    does: "The process answers",
    gives: Health,
    handle: async () => ({ body: { alive: true } }),
  }),
  route({
    method: "GET",
    url: "/readyz",
    who: "public",
    does: "What the process needs is there; 503 when something is not",
    gives: Readiness,
    handle: async ({ acts }) => {
      const checks = await acts.checks();
      const ready = checks.every((check) => check.ok);
      return { status: ready ? 200 : 503, body: { ready, checks } };
    },
  }),
  route({
    method: "GET",
    url: "/metrics",
    who: "operator",
    does: "Counters for Prometheus",
    gives: ["text/plain; version=0.0.4; charset=utf-8"],
    handle: async () => ({ body: await metrics.metrics() }),
  }),
  route({
    method: "GET",
    url: "/.well-known/security.txt",
    who: "public",
    does: "Whom to tell about a vulnerability of this installation",
    gives: ["text/plain; charset=utf-8"],
    handle: async ({ server }) => {
      const midnight = server.now() - (server.now() % 86_400_000);
      const lines = [
        ...security.contacts.map((contact) => `Contact: ${contact}`),
        `Expires: ${printInstant(instant(midnight + securityTextDays * 86_400_000))}`,
        ...(security.languages.length === 0 ? [] : [`Preferred-Languages: ${security.languages.join(", ")}`]),
        ...(security.canonical === undefined ? [] : [`Canonical: ${security.canonical}`]),
        ...(security.policy === undefined ? [] : [`Policy: ${security.policy}`]),
      ];
      return { body: lines.map((line) => `${line}\n`).join(""), headers: { "cache-control": "public, max-age=3600" } };
    },
  }),
];
