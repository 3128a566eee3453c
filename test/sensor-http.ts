import type { TestContext } from "node:test";
import type { makeToken } from "#community/token.ts";
import { openHttp } from "#http/server.ts";
import type { Acts } from "#jobs/acts/port.ts";
import type { ActsWorld } from "./acts-world.ts";

/** HTTP over these acts, and tokens of their sensors and organisations. */
export const openTestHttp = async (
  t: TestContext,
  world: ActsWorld & { readonly acts: Acts },
  make: typeof makeToken,
): Promise<{
  readonly address: string;
  readonly call: (path: string, token: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  readonly tokenOf: (sensor: string, kind: "sensor" | "party") => Promise<string>;
}> => {
  const server = await openHttp({
    acts: world.acts,
    portal: new URL("no-portal-here/", import.meta.url).pathname,
    policy: { styles: [], trustedTypes: [] },
    security: { contacts: ["mailto:security@cert.example"], languages: ["en"] },
    version: "0.0.0",
    now: () => world.clock.now,
  });
  t.after(() => server.close());
  const address = await server.listen("127.0.0.1", 0);
  let made = 0;
  return {
    address,
    call: (path, token, headers = {}) =>
      fetch(new URL(path, address), {
        headers: { ...headers, ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
      }),
    tokenOf: async (key, kind) => {
      const { desk, id, clock } = world;
      const sensor = desk.directory.known.directory.sensors.find((one) => one.key === key);
      if (sensor === undefined) throw new Error("no sensor");
      const bytes = Buffer.alloc(37, ++made);
      const { text, hash, prefix } = make(bytes);
      await desk.accounts.putToken(
        {
          ...{ id: id("token", String(made)), prefix, kind, organisation: sensor.organisation, title: kind },
          ...(kind === "sensor" ? { sensor: sensor.id } : {}),
          ...{ permissions: kind === "party" ? (["lists.read"] as const) : [], made: clock.now },
        },
        hash,
      );
      return text;
    },
  };
};
