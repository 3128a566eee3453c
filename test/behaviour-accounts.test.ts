import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { day, hour, instant, minute } from "#core/instant.ts";
import type { Behaviour, Fact } from "#detect/behaviour.ts";
import { passwordGuessing } from "#detect/password-guessing/behaviour.ts";
import { signIn } from "#detect/sign-in/behaviour.ts";
import { distanceKm } from "#detect/sign-in/distance.ts";
import { falsePerThousand, made, told } from "./behaviour-world.ts";

const start = Date.UTC(2026, 5, 8, 1);

interface Logon {
  readonly at: number;
  readonly account: string;
  readonly outcome?: "success" | "failure";
  readonly source?: string;
  readonly country?: string;
  readonly place?: readonly [number, number];
}

const logons = (all: readonly Logon[]): Fact[] =>
  all.map(({ at, account, outcome = "failure", source = "203.0.113.7", country, place }, n) =>
    made(
      {
        time: instant(at),
        event: "logon",
        host: "dc-1",
        source: { address: source },
        session: {
          ...{ account, outcome },
          ...(country === undefined ? {} : { country }),
          ...(place === undefined ? {} : { latitude: place[0], longitude: place[1] }),
        },
      },
      n,
    ),
  );

const says = (facts: readonly Fact[], behaviour: Behaviour): string[] =>
  told(behaviour, facts).map(({ because }) => because.map((one) => one.says).join("+"));

test("guesses at one account are called once, and the one that was right once more", () => {
  const guesses = Array.from({ length: 200 }, (_, n) => ({ at: start + n * 2000, account: "OFFICE\\chan" }));
  const right: Logon = { at: start + 201 * 2000, account: "chan@office.example", outcome: "success" };
  deepEqual(says(logons([...guesses, right]), passwordGuessing), [
    "password-guessing.one-account",
    "password-guessing.entered",
  ]);
  const [first] = told(passwordGuessing, logons(guesses));
  equal(first?.time, start + 14 * 2000);
});

test("spraying is called, at once or over a day; a gateway for everybody is not", () => {
  const spray = (stepMs: number, count: number): Logon[] =>
    Array.from({ length: count }, (_, n) => ({ at: start + n * stepMs, account: `user${n}` }));
  deepEqual(says(logons(spray(60_000, 12)), passwordGuessing), ["password-guessing.many-accounts"]);
  deepEqual(says(logons(spray(40 * minute, 30)), passwordGuessing), ["password-guessing.slowly"]);
  const gateway = Array.from(
    { length: 400 },
    (_, n): Logon => ({
      at: start + n * 20_000,
      account: `user${n % 100}`,
      outcome: n % 10 === 0 ? "failure" : "success",
    }),
  );
  deepEqual(says(logons(gateway), passwordGuessing), []);
  // the sprayed password was right for one of them
  const right: Logon[] = [...spray(60_000, 12), { at: start + 13 * 60_000, account: "user3", outcome: "success" }];
  deepEqual(says(logons(right), passwordGuessing), ["password-guessing.many-accounts", "password-guessing.entered"]);
});

test("one account from many places is called", () => {
  const many = Array.from({ length: 12 }, (_, n) => ({
    at: start + n * 60_000,
    account: "chan",
    source: `203.0.113.${n}`,
  }));
  deepEqual(says(logons(many), passwordGuessing), ["password-guessing.many-places"]);
});

test("people who mistype, services with an old password, and machines are no guessers", () => {
  const typos = Array.from({ length: 300 }, (_, n): Logon[] => [
    ...[0, 1, 2].map((k) => ({
      at: start + n * 3 * minute + k * 4000,
      account: `user${n % 60}`,
      source: `10.0.0.${n % 60}`,
    })),
    { at: start + n * 3 * minute + 15_000, account: `user${n % 60}`, source: `10.0.0.${n % 60}`, outcome: "success" },
  ]).flat();
  const service = Array.from({ length: 100 }, (_, n) => ({
    at: start + n * 5 * minute,
    account: "svc-report",
    source: "10.0.1.1",
  }));
  const machine = Array.from({ length: 100 }, (_, n) => ({
    at: start + n * 1000,
    account: "WS-1$",
    source: "10.0.1.2",
  }));
  for (const quiet of [typos, service, machine]) deepEqual(says(logons(quiet), passwordGuessing), []);
});

const hongKong = [22.3, 114.2] as const;
const lagos = [6.5, 3.4] as const;
const macau = [22.2, 113.5] as const;

test("two places too far apart are called; a flight and a neighbour are not", () => {
  const at = (hours: number, place: readonly [number, number], country: string): Logon => ({
    ...{ at: start + hours * hour, account: "chan", outcome: "success", place, country },
  });
  deepEqual(says(logons([at(0, hongKong, "HK"), at(1, lagos, "NG")]), signIn), ["sign-in.travel"]);
  deepEqual(says(logons([at(0, hongKong, "HK"), at(14, lagos, "NG")]), signIn), []);
  deepEqual(says(logons([at(0, hongKong, "HK"), at(0.2, macau, "MO")]), signIn), []);
  ok(Math.abs(distanceKm({ latitude: 22.3, longitude: 114.2 }, { latitude: 51.5, longitude: -0.1 }) - 9630) < 60);
});

test("a country the account never signed in from is called after its first week, once", () => {
  const at = (days: number, country: string, account = "chan"): Logon => ({
    ...{ at: start + days * day, account, outcome: "success", country },
  });
  const home = Array.from({ length: 20 }, (_, n) => at(n, "HK"));
  deepEqual(says(logons([...home, at(20.5, "RU"), at(20.6, "RU")]), signIn), ["sign-in.new-country"]);
  deepEqual(says(logons([...home.slice(0, 3), at(3.5, "JP")]), signIn), []);
  deepEqual(says(logons([...home, at(19.01, "RU")]), signIn), ["sign-in.countries+sign-in.new-country"]);
  // a failed try from there is no entry
  deepEqual(says(logons([...home, { ...at(20.5, "RU"), outcome: "failure" }]), signIn), []);
});

test("another process goes on from the checkpoint", () => {
  const facts = logons([
    ...Array.from({ length: 40 }, (_, n) => ({ at: start + n * 2000, account: "chan" })),
    { at: start + 90_000, account: "chan", outcome: "success" },
  ]);
  deepEqual(told(passwordGuessing, facts, { killed: 3 }), told(passwordGuessing, facts));
});

for (const behaviour of [passwordGuessing, signIn] as readonly Behaviour[])
  test(`the benign month: ${behaviour.id} says at most one false thing per 1,000 host-days`, (t) => {
    const { rate, hits } = falsePerThousand(behaviour);
    t.diagnostic(
      `${rate.toFixed(2)} per 1,000 host-days: ${hits.map((hit) => JSON.stringify(hit.because)).join("; ")}`,
    );
    ok(rate <= 1);
  });
