import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { HuntAbilities } from "#cli/abilities.ts";
import { printInstant } from "#core/instant.ts";
import { no, ok, WaglanError } from "#core/result.ts";
import { askHunt, cancelHunt } from "#jobs/hunt/asked.ts";
import type { Hunt } from "#jobs/hunt/port.ts";
import { huntedByRule } from "#jobs/hunt/rule-asked.ts";
import { periodOf, wantedOf } from "#jobs/hunt/wanted.ts";
import { sensorsToAsk } from "#jobs/sensors/asks.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** Who sits at the machine reads as staff do, and the evidence names them. */
const scope = { all: true, groups: [], own: [], clientsOf: [], audience: "staff", red: true } as const;
const pageRows = 1000;

/** What the command line hunts, in the name of whoever runs it. */
export const huntsFor = (waglan: Waglan): HuntAbilities => {
  const { state, views, directory, rules, now } = waglan;
  const who = `${userInfo().username} on the command line`;
  return {
    ask: async ({ purpose, organisation: key, sensors: tlp, ...words }) => {
      const what = wantedOf(words);
      if (!what.ok) return what;
      if (words.rule !== undefined || tlp !== undefined) await rules.refresh(now());
      const rule = words.rule && huntedByRule(words.rule, rules.packs, rules.texts.decisions);
      if (rule !== undefined && !rule.ok) return rule;
      const period = periodOf(words, now());
      if (!period.ok) return period;
      const organisation = directory.known.directory.organisations.find((one) => one.key === key);
      if (key !== undefined && organisation === undefined)
        return no("WGL_NAME_UNKNOWN", { what: "organisation", value: key });
      const wanted: Hunt = {
        ...{ id: randomUUID(), ofStaff: true, who, purpose, ...what.value, at: now(), ...period.value },
        ...(organisation === undefined ? {} : { organisation: organisation.id }),
        ...(words.pattern === undefined ? {} : { pattern: words.pattern }),
        ...(rule === undefined ? {} : { rule: rule.value }),
      };
      const handed =
        tlp === undefined ? undefined : await sensorsToAsk(state, directory.known, rules, wanted, tlp, wanted.at);
      if (handed?.length === 0) return no("WGL_HUNT_SENSORS");
      const asked = await askHunt(state, wanted, async (tx) =>
        handed && tlp ? tx.sensors.ask(wanted.id, tlp, handed) : undefined,
      );
      return asked.ok ? ok(asked.value.id) : asked;
    },
    read: async (id) => {
      const hunt = await views.hunt(scope, id);
      if (hunt === undefined) throw new WaglanError("WGL_ABSENT", {});
      return hunt;
    },
    results: async function* (id) {
      for (let after = 0; ; ) {
        const rows = await views.huntResults(scope, id, after, pageRows);
        for (const { time, organisation, sensor, hunted, seen, rule, pattern, nth: _, ...row } of rows)
          yield {
            time: printInstant(time),
            organisation: directory.known.organisation(organisation)?.key ?? organisation,
            sensor: directory.known.sensor(sensor)?.key ?? sensor,
            ...{ hunted: hunted.value, seen: seen.value, ...row },
            ...(rule === undefined ? {} : { rule: rule.id, title: rule.title, severity: rule.severity }),
            ...(pattern === undefined ? {} : pattern),
          };
        after = rows.at(-1)?.nth ?? after;
        if (rows.length < pageRows) return;
      }
    },
    cancel: async (id) => {
      await cancelHunt(state, id, scope, who, now());
    },
  };
};
