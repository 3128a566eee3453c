import { createHash } from "node:crypto";
import { WaglanError } from "#core/result.ts";
import type { StepLedger } from "./history.ts";
import type { HistoryStep } from "./steps.ts";

/** The history to bring up to date. */
interface Engine {
  readonly run: (statement: string) => Promise<void>;
  /** Whether tables of this engine have this setting. */
  readonly knows: (setting: string) => Promise<boolean>;
  /** True when no step ever ran here, whatever the ledger says: the folder was removed, or the server is another. */
  readonly isEmpty: () => Promise<boolean>;
}

/**
 * Runs the steps that `ledger` does not know yet. A crash between a statement and its note repeats the statement,
 * which is why each says `if not exists`.
 *
 * @throws WGL_MIGRATION_CHANGED | WGL_MIGRATION_UNKNOWN, and what `run` throws
 */
export const migrateHistory = async (
  ledger: StepLedger,
  steps: readonly HistoryStep[],
  { run, knows, isEmpty }: Engine,
): Promise<readonly number[]> => {
  const applied: number[] = [];
  await ledger.underLock(async (noted, note) => {
    const done = (await isEmpty()) ? new Map<number, string>() : noted;
    const known = new Map(steps.map((step) => [step.number, step]));
    for (const [number, checksum] of done) {
      const step = known.get(number);
      if (step === undefined)
        throw new WaglanError("WGL_MIGRATION_UNKNOWN", { number, known: steps.at(-1)?.number ?? 0 });
      if (checksumOf(step) !== checksum) throw new WaglanError("WGL_MIGRATION_CHANGED", { number, name: step.name });
    }
    for (const step of steps) {
      if (done.has(step.number)) continue;
      const possible = step.setting === undefined || (await knows(step.setting));
      if (possible) for (const statement of step.statements) await run(statement);
      await note({ number: step.number, name: step.name, checksum: checksumOf(step) });
      applied.push(step.number);
    }
  });
  return applied;
};

const checksumOf = (step: HistoryStep): string =>
  createHash("sha256").update(step.statements.join(";\n")).digest("hex");
