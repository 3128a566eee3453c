import { stringify } from "yaml";
import { printGrade } from "#core/grade.ts";
import type { Config } from "./config.ts";
import { shownInputs } from "./inputs.ts";
import { redacted } from "./values.ts";

/**
 * The configuration as it is in force, without secrets: passwords, keys in queries. The same shape as `waglan.yaml`, so
 * that what is printed can be read again (a secret then reads "redacted").
 */
export const shownConfig = (config: Config): Readonly<Record<string, unknown>> => ({
  ...config,
  database: hide(config.database, "url"),
  history: hide(config.history, "url"),
  mail: hide(config.mail, "smtp"),
  collect: hide(config.collect, "proxy"),
  inputs: shownInputs(config.inputs),
  feeds: config.feeds.map((feed) => ({
    ...hide(feed, "url"),
    ...(feed.key === undefined ? {} : { key: "redacted" }),
    ...(feed.grade === undefined ? {} : { grade: printGrade(feed.grade) }),
  })),
});

/** YAML, as `waglan config` prints it. */
export const printConfig = (config: Config): string =>
  stringify(shownConfig(config), { lineWidth: 0, schema: "core", aliasDuplicateObjects: false });

const hide = <T extends object>(value: T, key: keyof T & string): T => {
  const secret = value[key];
  return typeof secret === "string" ? { ...value, [key]: redacted(secret) } : value;
};
