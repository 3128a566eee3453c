import { type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import { type RsitType, rsitTypes } from "#core/rsit.ts";
import { usualDecay } from "#intel/decay.ts";
import { type Priority, priorities } from "#intel/priority.ts";
import { type ProductAlertLine, productAlertLines, usualProductLines } from "#jobs/inventory/product-lines.ts";
import { ruleFolder } from "./rules.ts";
import { flag, host, mailbox, network, oneOf, origin, path, type Reading, telephone, url, whole } from "./values.ts";

/** What a process does; `waglan serve` does all of it unless told otherwise. */
export const runRoles = ["api", "collect", "match", "work"] as const;
export type RunRole = (typeof runRoles)[number];

/** Every setting but `feeds`, by its path in `waglan.yaml`. `undefined`: off, or not told. */
export interface Settings {
  readonly data: string;
  readonly sample: boolean;
  readonly roles: readonly RunRole[];
  readonly "database.url": string | undefined;
  readonly "history.url": string | undefined;
  readonly "history.off": boolean;
  readonly "http.host": string;
  readonly "http.port": number;
  readonly "http.publicUrl": string | undefined;
  readonly "http.tls.cert": string | undefined;
  readonly "http.tls.key": string | undefined;
  readonly "http.trustProxy": readonly string[];
  readonly "mail.smtp": string | undefined;
  readonly "mail.from": string;
  readonly "mail.folder": string;
  readonly "verify.phone": string | undefined;
  readonly contact: string | undefined;
  readonly "collect.allowAddresses": readonly string[];
  readonly "collect.allowHosts": readonly string[];
  readonly "collect.proxy": string | undefined;
  readonly "collect.keepDays": number;
  readonly "keep.logDays": number;
  readonly "keep.receiptDays": number;
  readonly "keep.recordDays": number;
  readonly "keep.recordMegabytes": number | undefined;
  readonly "keep.observationDays": number;
  readonly "keep.observationMegabytes": number | undefined;
  readonly "keep.hitDays": number;
  readonly "keep.hitMegabytes": number | undefined;
  readonly "values.allow": readonly string[];
  readonly "values.warninglists": string | undefined;
  readonly "decay.alertsAt": number;
  readonly "decay.blocksAt": number;
  readonly "decay.halfLifeDays.ipv4": number;
  readonly "decay.halfLifeDays.ipv6": number;
  readonly "decay.halfLifeDays.cidr": number;
  readonly "decay.halfLifeDays.endpoint": number;
  readonly "decay.halfLifeDays.domain": number;
  readonly "decay.halfLifeDays.url": number;
  readonly "decay.halfLifeDays.path": number;
  readonly "decay.halfLifeDays.email": number;
  readonly "decay.halfLifeDays.asn": number;
  readonly "decay.halfLifeDays.md5": number;
  readonly "decay.halfLifeDays.sha1": number;
  readonly "decay.halfLifeDays.sha256": number;
  readonly "decay.halfLifeDays.sha512": number;
  readonly "telemetry.waiting": number;
  readonly "telemetry.threads": number;
  readonly "products.findings": Priority;
  readonly "products.alerts": ProductAlertLine;
  readonly "rules.folders": readonly string[];
  readonly "incidents.tieProblems": readonly ("*" | RsitType)[];
  readonly "incidents.tieTlp": Tlp;
}

export type SettingPath = keyof Settings;

/** How a setting is called in the environment, read, and what it is when nobody says anything. */
export type Setting<T> = {
  readonly env: `WAGLAN_${string}`;
  readonly default: T;
  /** The value may hold a password: never quoted, never printed whole. */
  readonly secret?: true;
} & ([T] extends [readonly (infer Item)[]]
  ? { readonly each: Reading<Item> }
  : { readonly one: Reading<NonNullable<T>> });

/** Days in which half of what is said of a value of this kind is gone. */
const halfLife = (kind: ObservableKind, env: `WAGLAN_${string}`): Setting<number> => ({
  env,
  one: whole(1, 36_500),
  default: usualDecay.halfLifeDays[kind],
});

/**
 * Every key of `waglan.yaml` in the order of the example. A test keeps this table, `waglan.example.yaml` and
 * docs/configuration.md equal; what a key is for and why its default is what it is stands there.
 * The names in the environment leave out "http." (`WAGLAN_PORT`); lists are written with commas there.
 */
export const settings: { readonly [P in SettingPath]-?: Setting<Settings[P]> } = {
  data: { env: "WAGLAN_DATA", one: path, default: "data" },
  sample: { env: "WAGLAN_SAMPLE", one: flag, default: false },
  roles: { env: "WAGLAN_ROLES", each: oneOf(runRoles), default: runRoles },
  "database.url": {
    env: "WAGLAN_DATABASE_URL",
    one: url("postgres", "postgresql"),
    default: undefined,
    secret: true,
  },
  "history.url": { env: "WAGLAN_HISTORY_URL", one: url("http", "https"), default: undefined, secret: true },
  "history.off": { env: "WAGLAN_HISTORY_OFF", one: flag, default: false },
  "http.host": { env: "WAGLAN_HOST", one: host, default: "127.0.0.1" },
  "http.port": { env: "WAGLAN_PORT", one: whole(0, 65_535), default: 8420 },
  "http.publicUrl": { env: "WAGLAN_PUBLIC_URL", one: origin, default: undefined },
  "http.tls.cert": { env: "WAGLAN_TLS_CERT", one: path, default: undefined },
  "http.tls.key": { env: "WAGLAN_TLS_KEY", one: path, default: undefined },
  "http.trustProxy": { env: "WAGLAN_TRUST_PROXY", each: network, default: [] },
  "mail.smtp": { env: "WAGLAN_MAIL_SMTP", one: url("smtp", "smtps"), default: undefined, secret: true },
  "mail.from": { env: "WAGLAN_MAIL_FROM", one: mailbox, default: "waglan@localhost" },
  "mail.folder": { env: "WAGLAN_MAIL_FOLDER", one: path, default: "mail" },
  "verify.phone": { env: "WAGLAN_VERIFY_PHONE", one: telephone, default: undefined },
  contact: { env: "WAGLAN_CONTACT", one: url("mailto", "https", "tel"), default: undefined },
  "collect.allowAddresses": { env: "WAGLAN_COLLECT_ALLOW_ADDRESSES", each: network, default: [] },
  "collect.allowHosts": { env: "WAGLAN_COLLECT_ALLOW_HOSTS", each: host, default: [] },
  "collect.proxy": { env: "WAGLAN_COLLECT_PROXY", one: url("http", "https"), default: undefined, secret: true },
  "collect.keepDays": { env: "WAGLAN_COLLECT_KEEP_DAYS", one: whole(1, 3650), default: 30 },
  "keep.logDays": { env: "WAGLAN_KEEP_LOG_DAYS", one: whole(1, 3650), default: 30 },
  "keep.receiptDays": { env: "WAGLAN_KEEP_RECEIPT_DAYS", one: whole(30, 36_500), default: 730 },
  "keep.recordDays": { env: "WAGLAN_KEEP_RECORD_DAYS", one: whole(1, 36_500), default: 180 },
  "keep.recordMegabytes": { env: "WAGLAN_KEEP_RECORD_MEGABYTES", one: whole(1, 999_999_999), default: undefined },
  "keep.observationDays": { env: "WAGLAN_KEEP_OBSERVATION_DAYS", one: whole(1, 36_500), default: 180 },
  "keep.observationMegabytes": {
    env: "WAGLAN_KEEP_OBSERVATION_MEGABYTES",
    one: whole(1, 999_999_999),
    default: undefined,
  },
  "keep.hitDays": { env: "WAGLAN_KEEP_HIT_DAYS", one: whole(1, 36_500), default: 730 },
  "keep.hitMegabytes": { env: "WAGLAN_KEEP_HIT_MEGABYTES", one: whole(1, 999_999_999), default: undefined },
  "values.allow": { env: "WAGLAN_VALUES_ALLOW", each: network, default: [] },
  "values.warninglists": { env: "WAGLAN_VALUES_WARNINGLISTS", one: path, default: undefined },
  "decay.alertsAt": { env: "WAGLAN_DECAY_ALERTS_AT", one: whole(0, 100), default: usualDecay.alertsAt },
  "decay.blocksAt": { env: "WAGLAN_DECAY_BLOCKS_AT", one: whole(0, 100), default: usualDecay.blocksAt },
  "decay.halfLifeDays.ipv4": halfLife("ipv4", "WAGLAN_DECAY_IPV4"),
  "decay.halfLifeDays.ipv6": halfLife("ipv6", "WAGLAN_DECAY_IPV6"),
  "decay.halfLifeDays.cidr": halfLife("cidr", "WAGLAN_DECAY_CIDR"),
  "decay.halfLifeDays.endpoint": halfLife("endpoint", "WAGLAN_DECAY_ENDPOINT"),
  "decay.halfLifeDays.domain": halfLife("domain", "WAGLAN_DECAY_DOMAIN"),
  "decay.halfLifeDays.url": halfLife("url", "WAGLAN_DECAY_URL"),
  "decay.halfLifeDays.path": halfLife("path", "WAGLAN_DECAY_PATH"),
  "decay.halfLifeDays.email": halfLife("email", "WAGLAN_DECAY_EMAIL"),
  "decay.halfLifeDays.asn": halfLife("asn", "WAGLAN_DECAY_ASN"),
  "decay.halfLifeDays.md5": halfLife("md5", "WAGLAN_DECAY_MD5"),
  "decay.halfLifeDays.sha1": halfLife("sha1", "WAGLAN_DECAY_SHA1"),
  "decay.halfLifeDays.sha256": halfLife("sha256", "WAGLAN_DECAY_SHA256"),
  "decay.halfLifeDays.sha512": halfLife("sha512", "WAGLAN_DECAY_SHA512"),
  "telemetry.waiting": { env: "WAGLAN_TELEMETRY_WAITING", one: whole(1, 1_000_000), default: 500 },
  "telemetry.threads": { env: "WAGLAN_TELEMETRY_THREADS", one: whole(0, 256), default: 0 },
  "products.findings": { env: "WAGLAN_PRODUCTS_FINDINGS", one: oneOf(priorities), default: usualProductLines.findings },
  "products.alerts": {
    env: "WAGLAN_PRODUCTS_ALERTS",
    one: oneOf(productAlertLines),
    default: usualProductLines.alerts,
  },
  "rules.folders": { env: "WAGLAN_RULES_FOLDERS", each: ruleFolder, default: ["waglan"] },
  "incidents.tieProblems": {
    env: "WAGLAN_INCIDENTS_TIE_PROBLEMS",
    each: oneOf<"*" | RsitType>(["*", ...(Object.keys(rsitTypes) as RsitType[])]),
    default: ["*"],
  },
  "incidents.tieTlp": { env: "WAGLAN_INCIDENTS_TIE_TLP", one: oneOf(tlps), default: "red" },
};

/** The variable that holds the key of a feed in `feeds`: "abusech-urlhaus" → WAGLAN_KEY_ABUSECH_URLHAUS. */
export const keyName = (feed: string): string => `WAGLAN_KEY_${feed.toUpperCase().replaceAll("-", "_")}`;

/** Names of the environment that are ours and no setting. The prefix WAGLAN_TEST_ belongs to the test runner. */
export const otherNames: readonly string[] = ["WAGLAN_CONFIG", "WAGLAN_LOG", "WAGLAN_DEBUG", "WAGLAN_BENCH"];
