import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import type { TestContext } from "node:test";
import { instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type HttpServer, openHttp } from "#http/server.ts";
import { keepObjects, readStix, type StixOutcome } from "#jobs/stix/keep.ts";
import { objectSlices } from "#stix/object-slices.ts";
import type { Purpose } from "#community/agreement.ts";
import type { Permission } from "#community/roles.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";

export const taxii = "application/taxii+json;version=2.1";

/** A raw answer over a real socket. */
export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where that is not there
  readonly json: any;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly as?: Who | "nobody";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sent in pieces, without Content-Length. */
  readonly chunked?: boolean;
  readonly basic?: boolean;
}

export type Who = "transport" | "parks" | "oversea" | "cert" | "reader";

/** The acts world behind the real server on a loopback socket, with a token for each party's machine. */
export interface TaxiiWorld extends ActsWorld {
  readonly server: HttpServer;
  readonly send: (asked: Ask) => Promise<Got>;
  readonly get: (path: string, as?: Who) => Promise<Got>;
  readonly post: (path: string, objects: readonly unknown[], as?: Who) => Promise<Got>;
  /** A collection for everybody, readable and writable unless said. */
  readonly collection: (wanted?: {
    readonly id?: string;
    readonly alias?: string;
    readonly readers?: readonly string[];
    readonly writers?: readonly string[];
    readonly tlp?: string;
    readonly purpose?: Purpose;
  }) => Promise<string>;
  /** As the community itself, past HTTP. */
  readonly keep: (collection: string, objects: readonly unknown[], at?: number) => Promise<readonly StixOutcome[]>;
  readonly organisation: (key: string) => OrganisationId;
  readonly port: number;
  readonly token: (who: Who) => string;
}

export const root = "/taxii2/waglan/";
export const objectsOf = (collection: string): string => `${root}collections/${collection}/objects/`;

export const openTaxiiWorld = async (t: TestContext): Promise<TaxiiWorld> => {
  const world = await openActsWorld(t);
  // Time goes on by itself, a little with every look: two POSTs never happen at one instant
  let ticks = 0;
  const desk = world.desk as { now: () => number };
  desk.now = () => instant(world.clock.now + ++ticks);
  const admin = await world.viewer("root");
  const tokens = new Map<Who, string>();
  for (const [who, key, permissions] of [
    ["transport", "transport", ["indicators.read", "objects.write"]],
    ["parks", "parks", ["indicators.read", "objects.write"]],
    ["oversea", "oversea", ["indicators.read", "objects.write"]],
    ["cert", "cert", ["indicators.read", "objects.write"]],
    ["reader", "transport", ["indicators.read"]],
  ] as const) {
    const made = await world.acts.makeToken(
      admin,
      {
        kind: "party",
        title: who,
        organisation: world.id("organisation", key),
        permissions: [...permissions] as Permission[],
      },
      ask,
    );
    if (!made.ok) throw new Error(made.problem.message);
    tokens.set(who, made.value.secret);
  }
  const server = await openHttp({
    acts: world.acts,
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
    version: "0.0.0",
  });
  const address = await server.listen("127.0.0.1", 0);
  t.after(() => server.close());
  const port = Number(new URL(address).port);
  const token = (who: Who): string => tokens.get(who) ?? "";

  const send: TaxiiWorld["send"] = ({ method = "GET", path, as = "transport", headers = {}, body, chunked, basic }) =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          ...{ host: "127.0.0.1", port, method, path },
          headers: {
            ...("accept" in headers ? {} : { accept: taxii }),
            ...(as === "nobody"
              ? {}
              : {
                  authorization: basic
                    ? `Basic ${Buffer.from(`anybody:${token(as)}`).toString("base64")}`
                    : `Bearer ${token(as)}`,
                }),
            ...(body === undefined || "content-type" in headers ? {} : { "content-type": taxii }),
            ...(body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) }),
            ...(chunked ? { "transfer-encoding": "chunked" } : {}),
            ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== "")),
          },
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () => {
            const text = Buffer.concat(parts).toString("utf8");
            let json: unknown;
            try {
              json = JSON.parse(text);
            } catch {
              json = undefined;
            }
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
          });
        },
      );
      sent.on("error", reject);
      if (body !== undefined && chunked)
        for (let at = 0; at < body.length; at += 1000) sent.write(body.slice(at, at + 1000));
      else if (body !== undefined) sent.write(body);
      sent.end();
    });

  return {
    ...world,
    ...{ server, send, port, token },
    organisation: (key) => world.id("organisation", key) as OrganisationId,
    get: (path, as = "transport") => send({ path, as }),
    post: (path, objects, as = "transport") => send({ method: "POST", path, as, body: JSON.stringify({ objects }) }),
    collection: async (wanted = {}) => {
      const id = wanted.id ?? randomUUID();
      const everybody = ["members", "partners"];
      await world.sql`insert into stix_collection (id, alias, title, readers, writers, media_types, tlp, pap, licence, purpose)
        values (${id}, ${wanted.alias ?? `c-${id}`}, 'A collection', ${[...(wanted.readers ?? everybody)]}, ${[...(wanted.writers ?? everybody)]},
          ${["application/stix+json;version=2.1", "application/stix+json;version=2.0"]}, ${wanted.tlp ?? "green"}, 'clear', 'own', ${wanted.purpose ?? "blocking"})`;
      await world.sql`insert into stix_clock select n, 0 from stix_collection where id = ${id}`;
      return id;
    },
    keep: async (collection, objects, at) => {
      const sliced = objectSlices(Buffer.from(JSON.stringify({ objects })));
      if (!sliced.ok) throw new Error(sliced.problem.message);
      const read = sliced.value.objects.map((slice, n) => {
        const one = readStix(slice, n);
        if (!one.ok) throw new Error(one.problem.message);
        return one.value;
      });
      return world.desk.state.act(async (tx) => {
        const found = (await tx.stix.collections()).find((one) => one.id === collection);
        if (!found) throw new Error("no such collection");
        return keepObjects(tx, {
          collection: found,
          objects: read,
          sees: () => true,
          now: instant(at ?? world.desk.now()),
        });
      });
    },
  };
};

/** An object that says little; every one of its ids is its own. */
export const indicator = (
  n: number,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  type: "indicator",
  spec_version: "2.1",
  id: `indicator--${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`,
  created: "2026-01-01T00:00:00.000Z",
  modified: "2026-01-01T00:00:00.000Z",
  pattern: `[ipv4-addr:value = '198.51.100.${n % 256}']`,
  pattern_type: "stix",
  valid_from: "2026-01-01T00:00:00Z",
  ...more,
});
