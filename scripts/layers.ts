import { writeFileSync } from "node:fs";

/** What one folder below `src/` may lean on; what is not named here is refused. */
export interface Layer {
  readonly folder: string;
  /** Folders of `src/` it may import from, beside itself. */
  readonly may: readonly string[];
  /** Packages of package.json it may import: each package has one home, so that it can be replaced in one place. */
  readonly packages: readonly string[];
  /** Built-in modules of Node it may import; "any" in adapters, whose work is I/O. */
  readonly builtins: "any" | readonly string[];
  /** Its folders are plugins of one kind: they use the files above them, never each other. */
  readonly plugins?: true;
  readonly is: "station" | "contract" | "acts" | "adapter" | "wiring";
}

/** The walk, left to right (ARCHITECTURE.md). `feeds` and `telemetry` are siblings, and so are `intel` and `site`. */
const walk = [
  "core",
  "words",
  "stix",
  "misp",
  "community",
  "feeds|telemetry",
  "intel|site",
  "detect",
  "incidents",
  "alerts",
  "share",
] as const;

const stations = walk.flatMap((step) => step.split("|"));

const leftOf = (station: string): readonly string[] =>
  walk
    .slice(
      0,
      walk.findIndex((step) => step.split("|").includes(station)),
    )
    .flatMap((step) => step.split("|"));

/** Computing on bytes that are given; `crypto` for hashes and keyed ids, its randomness is refused by name. */
const pure = ["node:crypto", "node:zlib", "node:url", "node:buffer"];

const packagesOf: Readonly<Record<string, readonly string[]>> = {
  core: ["re2js", "tldts"],
  feeds: ["@secvisogram/csaf-validator-lib", "htmlparser2", "json-p3", "postal-mime", "saxes", "unpdf"],
  community: ["yaml"],
  detect: ["yaml"],
  api: ["typebox"],
  jobs: ["yaml"],
  store: ["@ip-location-db/asn", "@ip-location-db/asn-country", "postgres"],
  history: ["@clickhouse/client", "chdb"],
  net: ["@stomp/stompjs", "undici"],
  deliver: ["nodemailer"],
  http: ["@fastify/swagger", "@fastify/type-provider-typebox", "fastify", "pino", "prom-client", "typebox"],
  cli: ["commander", "pino", "yaml"],
  wiring: ["pino", "prom-client"],
};

const plugins = ["feeds", "telemetry", "detect"];

const layer = (folder: string, is: Layer["is"], may: readonly string[], builtins: Layer["builtins"]): Layer => ({
  folder,
  may,
  packages: packagesOf[folder] ?? [],
  builtins,
  ...(plugins.includes(folder) ? { plugins: true } : {}),
  is,
});

/** The adapters: leaves that only `main.ts` knows. */
export const adapters = ["store", "history", "net", "deliver", "listen", "segments", "http", "cli"] as const;

/** Every folder of `src/`, left to right. `.oxlintrc.json` is written from this table, and `layers.test.ts` holds both to the code. */
export const layers: readonly Layer[] = [
  ...stations.map((station) => layer(station, "station", leftOf(station), pure)),
  layer("api", "contract", stations, []),
  layer("jobs", "acts", [...stations, "api"], [...pure, "node:path", "node:worker_threads"]),
  ...adapters.map((adapter) => layer(adapter, "adapter", [...stations, "jobs", "api"], "any")),
  // main.ts in several files: nobody imports it but main.ts; `npm start` plays the sample community from here
  layer("wiring", "wiring", [...stations, "jobs", "api", ...adapters, "sample"], "any"),
];

/** Folders of `src/` the portal may read: what the HTTP API says, the sentences, and the words of `core` both are made of. */
export const portalMay = ["api", "words", "core"];

const clock = "a station reads no clock: take `now: Instant` as an argument";
/** What `node:crypto` has that differs from run to run. */
const chanceNames = [
  "randomBytes",
  "randomUUID",
  "randomInt",
  "randomFillSync",
  "getRandomValues",
  "webcrypto",
  "generateKeyPairSync",
];

const chance = "a station has no randomness: take the bytes as an argument";

/** What nobody may touch who is no adapter; `layers.test.ts` has greps for what a linter cannot see. */
const impure = {
  "no-restricted-globals": [
    "error",
    { name: "fetch", message: "the network is reached by net/egress.ts alone" },
    { name: "process", message: "a station reads no environment: take the value as an argument" },
    { name: "performance", message: clock },
  ],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: clock },
    { object: "Math", property: "random", message: chance },
    { object: "crypto", property: "getRandomValues", message: chance },
    { object: "crypto", property: "randomUUID", message: chance },
    { object: "globalThis", property: "fetch", message: "the network is reached by net/egress.ts alone" },
    { object: "globalThis", property: "process", message: "take the value as an argument" },
    ...markup(),
  ],
} as const;

/** Loops of `jobs/` rest between turns; a station never waits. */
const timeless = {
  "no-restricted-globals": [
    ...impure["no-restricted-globals"],
    ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({ name, message: "a station does not wait" })),
  ],
} as const;

/** HTML by string: React and core/html.ts are the two ways to make markup (DESIGN: structural defence 4). */
function markup(): readonly object[] {
  return ["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe", "createContextualFragment"].map(
    (property) => ({ property, message: "no HTML by string: React, or the template of core/html.ts" }),
  );
}

const noFetch = {
  "no-restricted-globals": ["error", { name: "fetch", message: "the network is reached by net/egress.ts alone" }],
  "no-restricted-properties": [
    "error",
    { object: "globalThis", property: "fetch", message: "the network is reached by net/egress.ts alone" },
    ...markup(),
  ],
} as const;

const upward = {
  group: ["../**", ".."],
  message: 'across folders it is `#folder/file.ts`; "./" is for one\'s own folder',
};

const everyPackage = [...new Set(Object.values(packagesOf).flat())].toSorted();

/** The value of `no-restricted-imports` for one folder. Inside a group a later pattern takes back what an earlier one
 * refused, and a name taken back is not asked of later groups: so groups never overlap, and `node:crypto` is a path. */
const importsOf = (one: Layer, insidePlugin: boolean): readonly unknown[] => {
  const own = one.plugins ? (insidePlugin ? `!#${one.folder}/*` : `!#${one.folder}/**`) : `!#${one.folder}/**`;
  const said = one.may.length === 0 ? "nothing but itself" : one.may.join(", ");
  const strangers = everyPackage.filter((name) => !one.packages.includes(name));
  return [
    "error",
    {
      ...(one.builtins === "any"
        ? {}
        : { paths: [{ name: "node:crypto", importNames: chanceNames, message: chance }] }),
      patterns: [
        {
          group: ["#*/**", "#*.ts", ...one.may.map((folder) => `!#${folder}/**`), own],
          message: insidePlugin
            ? `a plugin of ${one.folder} knows no other: it may use files of #${one.folder}/ itself, and ${said}`
            : `${one.folder} may use: ${said} (ARCHITECTURE.md, the walk)`,
        },
        upward,
        {
          regex: `^(?:${strangers.join("|")})(?:/|$)`,
          message: `packages of ${one.folder}: ${one.packages.join(", ") || "none"}; each has one home (scripts/layers.ts)`,
        },
        ...(one.builtins === "any"
          ? []
          : [
              {
                group: ["node:*", "node:*/**", ...one.builtins.map((name) => `!${name}`)],
                message: `${one.folder} does no I/O: of Node it may use ${one.builtins.join(", ") || "nothing"}`,
              },
            ]),
      ],
    },
  ];
};

const overrides = (): readonly object[] => [
  ...layers.flatMap((one) => [
    { files: [`src/${one.folder}/**`], rules: { "no-restricted-imports": importsOf(one, false) } },
    ...(one.plugins
      ? [{ files: [`src/${one.folder}/*/**`], rules: { "no-restricted-imports": importsOf(one, true) } }]
      : []),
  ]),
  { files: folders((one) => one.builtins !== "any"), rules: impure },
  { files: folders((one) => one.is === "station" || one.is === "contract"), rules: timeless },
  { files: ["src/main.ts", ...folders((one) => one.builtins === "any" && one.folder !== "net")], rules: noFetch },
  {
    files: ["src/**"],
    rules: { "import/no-default-export": "error", "no-console": "error", "node/no-process-env": "error" },
  },
  {
    // the wiring and the command line read the environment; the engine of history hands its own on to the child it starts
    files: ["src/main.ts", "src/wiring/**", "src/cli/**", "src/history/embedded.ts"],
    rules: { "node/no-process-env": "off" },
  },
  {
    files: ["web/src/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["#*/**", "#*.ts", "!#core/**", "@api/../**", "@words/../**"],
              message:
                "the portal meets the server at @api/, @words/ and #core/ (types and sentences), never at its insides",
            },
            { group: ["node:*"], message: "the portal runs in a browser" },
            { group: ["../../**"], message: "the portal is one folder deep" },
          ],
        },
      ],
      "no-restricted-properties": ["error", ...markup()],
      "react/no-danger": "error",
      "react/rules-of-hooks": "error",
      "react/exhaustive-deps": "error",
    },
  },
  {
    // what is hostile or wrong on purpose stands in tests
    files: ["test/**"],
    rules: {
      "no-script-url": "off",
      "typescript/restrict-template-expressions": "off",
      "typescript/require-array-sort-compare": "off",
    },
  },
];

const folders = (which: (one: Layer) => boolean): readonly string[] =>
  layers.filter(which).map((one) => `src/${one.folder}/**`);

/** The whole of `.oxlintrc.json`. */
export const lintConfig = (): object => ({
  $schema: "./node_modules/oxlint/configuration_schema.json",
  plugins: ["typescript", "unicorn", "oxc", "import", "node", "react", "promise"],
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: ["dist/**", "web/dist/**", "var/**"],
  rules: {
    eqeqeq: "error",
    "no-eval": "error",
    "no-implied-eval": "error",
    "no-new-func": "error",
    "no-script-url": "error",
    "no-proto": "error",
    "no-var": "error",
    "prefer-const": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-misused-promises": ["error", { checksVoidReturn: false }],
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    // node:test keeps its own account of the promises that test() gives
    "typescript/no-floating-promises": [
      "error",
      {
        allowForKnownSafeCalls: [
          { from: "package", name: ["test", "it", "describe", "suite", "before", "after"], package: "node:test" },
        ],
      },
    ],
    ...Object.fromEntries(quiet.map((rule) => [rule, "off"])),
  },
  overrides: overrides(),
});

/** Rules of the two categories that cost more here than they find. */
const quiet = [
  // JSX without a React import; hooks have their own rules
  "react/react-in-jsx-scope",
  // the shapes the packages themselves document: fc.assert, import Fastify
  "import/no-named-as-default",
  "import/no-named-as-default-member",
  // styles of the portal, and workers
  "import/no-unassigned-import",
  // `as` is a reviewer's question (CONTRIBUTING.md); every minting function has one
  "typescript/no-unsafe-type-assertion",
  // tsc has noImplicitReturns
  "typescript/consistent-return",
  "consistent-return",
  // sorts in place are of arrays made on the same line; a hot path sorts in place on purpose
  "unicorn/no-array-sort",
  "unicorn/no-array-reverse",
  // `new Array(n)` of a known length is the point where it is used
  "unicorn/no-new-array",
  // a closure beside its only use reads better than one hoisted away from it
  "unicorn/consistent-function-scoping",
  // asks for a window's origin of worker ports
  "unicorn/require-post-message-target-origin",
  // an inner name may be the obvious one too
  "no-shadow",
  "typescript/no-shadow",
  // constructors are asked whether they throw: `new Intl.DateTimeFormat(zone)`
  "no-new",
  // hunting for control characters is our trade
  "no-control-regex",
  // types that say "one of these words, or any other"
  "typescript/no-redundant-type-constituents",
  // `.then` for its effect is as good as for its value
  "promise/always-return",
  // loops that wait for another process
  "no-unmodified-loop-condition",
  // rules of the React compiler, which does not build this portal
  "react/exhaustive-effect-dependencies",
  "react/set-state-in-effect",
  "react/incompatible-library",
  "react/refs",
  // `...{ a, b, c }` keeps a row of plain fields on one line
  "unicorn/no-useless-spread",
  // `[...text]` is meant to be code points
  "typescript/no-misused-spread",
  // `void x()` in an arrow says that the value is of no interest
  "typescript/no-meaningless-void-operator",
  // Node names its own hooks so: _read, _write
  "no-underscore-dangle",
  // outside values are printed after they were asked for their type
  "typescript/no-base-to-string",
];

if (process.argv[1] === import.meta.filename)
  writeFileSync(new URL("../.oxlintrc.json", import.meta.url), `${JSON.stringify(lintConfig(), null, 2)}\n`);
