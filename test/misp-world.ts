import type { TestContext } from "node:test";
import { lenient } from "#core/value-policy.ts";
import type { Purpose } from "#community/agreement.ts";
import { joinMisp } from "#jobs/misp/claims.ts";
import { openTaxiiWorld, type TaxiiWorld, type Who } from "./taxii-world.ts";

export interface Got {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where that is not there
  readonly json: any;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A machine's token, a person of the CERT signed in, or nobody. */
export type Caller = Who | "staff" | "nobody";

export interface Misp {
  readonly world: TaxiiWorld;
  readonly get: (path: string, as?: Caller) => Promise<Got>;
  /** PyMISP sends its type even where there is nothing to send. */
  readonly post: (path: string, body?: unknown, as?: Caller) => Promise<Got>;
  /** What was queued reaches intel, as the loop has it. */
  readonly join: () => Promise<void>;
  /** Values with living claims, each with its feed and TLP. */
  readonly claims: () => Promise<readonly (readonly [string, string, string])[]>;
  readonly number: (query: string) => Promise<number>;
}

/** The sort of agreement a partner that pulls events has. */
export const openMisp = async (
  t: TestContext,
  partner?: { readonly tlpMax: string; readonly purposes: readonly Purpose[] },
): Promise<Misp> => {
  const world = await openTaxiiWorld(t);
  if (partner !== undefined) {
    await world.sql`update agreement set tlp_max = ${partner.tlpMax}, pap_max = 'clear', purposes = ${[...partner.purposes]}`;
    const memory = world.desk.directory as unknown as { known: { directory: { agreements: unknown[] } } };
    for (const one of memory.known.directory.agreements as Record<string, unknown>[])
      Object.assign(one, { tlpMax: partner.tlpMax, papMax: "clear", purposes: partner.purposes });
  }
  let session: string | undefined;
  const headers = async (as: Caller): Promise<Record<string, string>> => {
    if (as === "staff") session ??= (await world.enter("lo")).secret;
    return {
      accept: "application/json",
      "content-type": "application/json",
      ...(as === "nobody"
        ? {}
        : as === "staff"
          ? { cookie: `waglan=${session ?? ""}`, "x-waglan": "1" }
          : { authorization: world.token(as) }),
    };
  };
  const scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: true } as const;
  const names = new Map(["transport", "parks", "oversea"].map((key) => [world.organisation(key), key]));
  return {
    world,
    get: async (path, as = "transport") =>
      world.send({ path: `/misp/${path}`, as: "nobody", headers: await headers(as) }),
    post: async (path, body, as = "transport") =>
      world.send({
        method: "POST",
        path: `/misp/${path}`,
        as: "nobody",
        headers: await headers(as),
        body: body === undefined ? "" : JSON.stringify(body),
      }),
    join: async () => {
      const { state } = world.desk;
      for (;;) {
        const now = world.desk.now();
        const [job] = await state.act((tx) => tx.queue.take("join-misp", now, 1));
        if (job === undefined) return;
        await joinMisp({ state, secret: "test", policy: lenient, now, elapsed: () => 0 }, job, { scope }, (sender) =>
          names.get(sender),
        );
        await state.act((tx) => tx.queue.done([job.n]));
      }
    },
    claims: async () =>
      (
        await world.sql`select i.value, c.feed, c.tlp from claim c join indicator i on i.id = c.indicator where c.gone_at is null order by i.value, c.feed`
      ).map((row) => [String(row["value"]), String(row["feed"]), String(row["tlp"])] as const),
    number: async (query) => Number((await world.sql.unsafe(query))[0]?.["n"]),
  };
};

export const uuid = (n: number): string => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000`;

/** An event of three attributes: an address and a name to look for, and a remark. */
export const event = (n: number, more: Readonly<Record<string, unknown>> = {}) => ({
  uuid: uuid(n),
  info: `Event ${n}`,
  distribution: "1",
  threat_level_id: "2",
  analysis: "1",
  Attribute: [
    { type: "ip-dst", category: "Network activity", value: `198.51.100.${n}`, to_ids: true, uuid: uuid(n * 1000 + 1) },
    {
      type: "domain",
      category: "Network activity",
      value: `c2-${n}.example`,
      to_ids: true,
      uuid: uuid(n * 1000 + 2),
      Tag: [{ name: "apt" }],
    },
    { type: "comment", category: "Other", value: `about ${n}`, to_ids: false, uuid: uuid(n * 1000 + 3) },
  ],
  ...more,
});
