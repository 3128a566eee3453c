import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { problem } from "#core/result.ts";
import { type Config, readConfig } from "#jobs/config/config.ts";
import type { SettingPath } from "#jobs/config/keys.ts";
import { type ConfiguredFeed, configuredFeeds } from "#jobs/collect/configured-feeds.ts";
import { exits, Stop } from "./exit.ts";
import type { Io } from "./io.ts";

/** Options that choose the configuration, on every verb that has one. */
export interface SettingsOptions {
  readonly config?: string;
  readonly data?: string;
}

export const withSettings = (command: Command): Command =>
  command
    .option("--config <file>", "configuration (default: WAGLAN_CONFIG, else waglan.yaml here, if there is one)")
    .option("--data <folder>", "data folder (default: as configured, else data)");

/**
 * The configuration in force: the file, the environment, and what the command line says.
 *
 * @throws Stop with every problem of it
 */
export const settingsOf = (
  io: Io,
  options: SettingsOptions,
  more: { readonly [P in SettingPath]?: string } = {},
): Config => {
  const named = options.config ?? (io.env["WAGLAN_CONFIG"] || undefined);
  const file = resolve(io.cwd, named ?? "waglan.yaml");
  const text = named !== undefined || existsSync(file) ? textOf(file) : undefined;
  const read = readConfig(text, io.env, { ...(options.data === undefined ? {} : { data: options.data }), ...more });
  if (read.ok) return read.value;
  const place = (at: string | undefined): string =>
    at?.startsWith("line ") ? `${named ?? "waglan.yaml"} ${at}` : (at ?? "");
  throw new Stop(
    read.problem.map((one) => ({ ...one, at: place(one.at) })),
    exits.usage,
  );
};

/** The feeds of a configuration. @throws Stop when one of them uses a feed that does not exist */
export const feedsOf = (config: Config): readonly ConfiguredFeed[] => {
  const read = configuredFeeds(config.feeds);
  if (!read.ok) throw new Stop(read.problem, exits.usage);
  return read.value;
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Stop([problem("WGL_CONFIG_FILE", { file, code })], exits.usage);
  }
};
