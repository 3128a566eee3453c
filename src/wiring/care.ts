import { userInfo } from "node:os";
import type { CareAbilities } from "#cli/abilities.ts";
import { printInstant } from "#core/instant.ts";
import { problem, type Result, ok } from "#core/result.ts";
import { readValue } from "#core/recognise.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ManagedList } from "#intel/care-ports.ts";
import { exclude, exclusionOfList, exclusionOfValue, include } from "#jobs/indicators/exclude.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** What the command line does about false positives and exclusions, in the name of whoever runs it. */
export const careOf = (waglan: Waglan): CareAbilities => {
  const { state, exclusions, secrets, now } = waglan;
  const who = `${userInfo().username} on the command line`;
  return {
    exclude: async (what, deciding) => {
      let wanted: Result<ManagedList>;
      if ("body" in what)
        wanted = exclusionOfList(what.body, what.file.replace(/^.*[\\/]/, ""), { ...deciding, who }, now());
      else {
        const read = readValue(what.value);
        wanted = read.ok ? ok(exclusionOfValue(read.value.observable, { ...deciding, who }, now())) : read;
      }
      if (!wanted.ok) return wanted;
      const did = await exclude(state, wanted.value, now());
      return did.ok ? ok({ name: wanted.value.id, entries: wanted.value.values.length }) : did;
    },
    include: async (name, reason) => {
      const did = await include(state, name, { who, reason }, now());
      return did.ok ? undefined : did.problem;
    },
    exclusions: async () =>
      (await state.act((tx) => tx.care.exclusionNames())).map(({ id, entries, reason, who: by, at, until }) => ({
        ...{ name: id, entries, reason, who: by, at: printInstant(at) },
        ...(until === undefined ? {} : { until: printInstant(until) }),
      })),
    judge: async ({ value, verdict, source, reason }) => {
      const read = readValue(value);
      if (!read.ok) return read;
      await state.act((tx) => exclusions.refresh(tx.care));
      const judging = {
        ...{ indicator: indicatorId(secrets.id, read.value.observable), verdict, who, reason },
        ...(source === undefined ? {} : { feed: source }),
      };
      const judged = await judgeIndicator(state, judging, (one) => exclusions.known.excluded(one) !== undefined, now());
      if (!judged.ok && judged.problem.code === "WGL_ABSENT")
        return { ok: false, problem: problem("WGL_NAME_UNKNOWN", { what: "value", value }) };
      return judged;
    },
  };
};
