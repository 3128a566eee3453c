import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { type ContactSystem, moveInContacts } from "#jobs/move-in/contacts.ts";
import { readSqlDump } from "#jobs/move-in/sql-dump.ts";
import { fileOf, newHome } from "./move-in-world.ts";

const open = async (t: TestContext, system: ContactSystem) => {
  const home = await newHome(t);
  return {
    ...home,
    take: async (files: Readonly<Record<string, string>>, dryRun = false) => {
      await home.directory.refresh();
      home.problems.length = 0;
      const known = home.directory.known.directory;
      const dumps = Object.entries(files).map(([file, text]) => ({ file, chunks: fileOf(text) }));
      const run = await moveInContacts({ ...home.moving, known, dryRun }, home.telling, "dump", dumps, system);
      await home.directory.refresh();
      return run;
    },
    held: () => {
      const { organisations, people, assets } = home.directory.known.directory;
      const keyOf = new Map(organisations.map(({ id, key }) => [id as string, key]));
      return {
        organisations: organisations.map(({ key, names, sector, shadow }) => [key, names.en, sector, shadow]).sort(),
        people: people
          .map(({ name, channels, organisations: posts }) => [
            name,
            ...channels.map((one) => ("address" in one ? one.address : "number" in one ? one.number : "")),
            ...posts.map((post) => keyOf.get(post.organisation) ?? ""),
          ])
          .sort(),
        assets: assets
          .map(({ kind, value, proof, organisation }) => `${keyOf.get(organisation) ?? ""} ${kind} ${value} ${proof}`)
          .sort(),
      };
    },
  };
};

const organisations = [
  {
    ...{ id: 7, name: "harbour", full_name: "Harbour Office", parent_id: null },
    contacts: [
      { id: 1, first_name: "Ada", last_name: "Pier", email: "ada@harbour.example", phone: "+43 1 555 0100" },
      { id: 2, last_name: "Nobody" },
    ],
    networks: [
      { id: 1, address: "203.0.113.0/25", approval: "approved" },
      { id: 2, address: "203.0.113.128/25", pivot: { approval: "pending" } },
      { id: 3, address: "198.51.100.0/24", approval: "denied" },
      { id: 4, address: "no network", approval: "approved" },
    ],
    asns: [{ asn: 64500, approval: "approved" }],
    fqdns: ["harbour.example"],
    ripe_handles: [{ ripe_org_hdl: "ORG-HARB1-RIPE" }],
  },
  { id: 8, name: "Ferry Company", parent_id: 7 },
];
const expected = {
  organisations: [
    ["ferry-company-t8", "Ferry Company", undefined, true],
    ["harbour-office-t7", "Harbour Office", undefined, true],
  ],
  people: [["Ada Pier", "ada@harbour.example", "+4315550100", "harbour-office-t7"]],
  assets: [
    "harbour-office-t7 asn AS64500 staff",
    "harbour-office-t7 domain harbour.example staff",
    "harbour-office-t7 network 203.0.113.0/25 staff",
    "harbour-office-t7 network 203.0.113.128/25 declared",
  ],
};

test("Tuency: organisations, contacts and netobjects come in under their numbers, a second time nothing changes, and what cannot be taken is told", async (t) => {
  const { take, held, problems, rows } = await open(t, "tuency");
  const document = { "organisations.json": JSON.stringify(organisations) };
  const looked = await take(document, true);
  assert.deepEqual([held().organisations, looked.refused], [[], 1], "a dry run writes nothing");
  const run = await take(document);
  assert.deepEqual(held(), expected);
  assert.deepEqual(
    [run.source, run.refused, run.counts["organisations"], run.counts["contacts"], run.counts["networks"]],
    ["tuency", 1, 2, 1, 2],
  );
  const told = problems.map(
    ({ code, with: said, at }) => `${code} ${String(said?.["what"] ?? said?.["value"])} ${at ?? ""}`,
  );
  for (const what of [
    /denied network/,
    /RIPE handle/,
    /parent organisation/,
    /contact without an address/,
    /no network/,
  ])
    assert.ok(
      told.some((one) => what.test(one)),
      `${what.source} in ${told.join("; ")}`,
    );
  const before = await rows();
  await take(document);
  assert.deepEqual(await rows(), before);
});

test("Tuency: a pg_dump and a page of its API say the same; a look-up's answer declares", async (t) => {
  const dump = [
    "CREATE TABLE public.organisations (\n    id bigint NOT NULL,\n    name character varying(255)\n);",
    "COPY public.organisations (id, name, full_name, parent_id) FROM stdin;",
    "7\tharbour\tHarbour Office\t\\N",
    "8\tFerry Company\t\\N\t7",
    "\\.",
    "COPY public.contacts (id, organisation_id, first_name, last_name, email, phone) FROM stdin;",
    "1\t7\tAda\tPier\tada@harbour.example\t+43 1 555 0100",
    "\\.",
    "COPY public.networks (id, address) FROM stdin;\n1\t203.0.113.0/25\n2\t203.0.113.128/25\n\\.",
    "COPY public.network_organisation (network_id, organisation_id, approval) FROM stdin;",
    "1\t7\tapproved\n2\t7\tpending\n9\t7\tapproved\n\\.",
    "COPY public.asns (id, organisation_id, asn, approval) FROM stdin;\n1\t7\t64500\tapproved\n\\.",
    "COPY public.fqdns (id, organisation_id, fqdn, approval) FROM stdin;\n1\t7\tharbour.example\tapproved\n\\.",
    "COPY public.password_resets (email, token) FROM stdin;\nada@harbour.example\tsecret\n\\.\n",
  ].join("\n");
  const { take, held } = await open(t, "tuency");
  const run = await take({ "tuency.sql": dump });
  assert.deepEqual(held(), expected);
  assert.equal(run.refused, 1, "a pair that names a network which is not there");

  const page = await open(t, "tuency");
  await page.take({ "export.json": JSON.stringify({ data: organisations, links: {} }) });
  assert.deepEqual(page.held(), expected);

  const looks = await open(t, "tuency");
  const answer = (suppress: boolean) => ({
    asked: { ip: "203.0.113.5" },
    answer: {
      ip: {
        destinations: [{ source: "portal", name: "Harbour Office", contacts: [{ email: "ada@harbour.example" }] }],
      },
      ...{ suppress, interval: { unit: "days", length: 1 } },
    },
  });
  await looks.take({ "lookups.json": JSON.stringify([answer(false), answer(true)]) });
  assert.deepEqual(
    looks.held().assets.map((one) => one.replace(/^harbour-office-t\d+/, "harbour")),
    ["harbour network 203.0.113.5 declared"],
  );
  assert.equal(looks.held().people.length, 1);
  assert.ok(looks.problems.some(({ with: said }) => said?.["what"] === "inhibition by rule"));
});

const n6 = [
  "CREATE TABLE `org` (\n  `org_id` varchar(32) NOT NULL,\n  `actual_name` varchar(255) DEFAULT NULL,\n  `full_access` tinyint(1) NOT NULL,",
  "  `email_notification_enabled` tinyint(1) NOT NULL,\n  `verified` tinyint(1) NOT NULL,\n  `entity_type_label` varchar(100),",
  "  PRIMARY KEY (`org_id`),\n  KEY `k` (`entity_type_label`)\n) ENGINE=InnoDB;",
  "INSERT INTO `org` VALUES ('harbour.example','O''Harbour \\\"Office\\\"; (North), Ltd',0,1,1,'Public Administration'),('ferry.example',NULL,1,0,0,NULL);",
  "INSERT INTO `email_notification_address` (`id`,`email`,`org_id`) VALUES (1,'soc@harbour.example','harbour.example'),(2,'wrong address','ferry.example');",
  "INSERT INTO `inside_filter_asn` (`id`,`asn`,`org_id`) VALUES (1,64501,'harbour.example');",
  "INSERT INTO `inside_filter_cc` (`id`,`cc`,`org_id`) VALUES (1,'PL','harbour.example');",
  "INSERT INTO `inside_filter_fqdn` (`id`,`fqdn`,`org_id`) VALUES (1,'harbour.example','harbour.example');",
  "INSERT INTO `inside_filter_ip_network` (`id`,`ip_network`,`org_id`) VALUES (1,'203.0.113.0/24','harbour.example'),(2,'198.51.100.0/24','ferry.example'),(3,'192.0.2.0/24','nobody.example');",
  "INSERT INTO `user` VALUES (1,'ada@harbour.example',0,'$2b$12$secret','harbour.example');",
].join("\n");

test("n6: organisations, notified addresses and what is inside come in, from an SQL dump and from CSV alike", async (t) => {
  const { take, held, problems, rows } = await open(t, "n6");
  const run = await take({ "auth_db.sql": n6 });
  const key = (name: string): string => {
    const found = held().organisations.find(([one]) => String(one).includes(name));
    return String(found?.[0]);
  };
  assert.match(key("harbour"), /^o-harbour-office-north-ltd-nharbour-example-[0-9a-f]{4}$/);
  assert.deepEqual(
    held().organisations.map(([, name, sector, shadow]) => [name, sector, shadow]),
    [
      ["ferry.example", undefined, true],
      ['O\'Harbour "Office"; (North), Ltd', "public-administration", true],
    ],
  );
  assert.deepEqual(held().assets, [
    `${key("ferry")} network 198.51.100.0/24 declared`,
    ...["asn AS64501", "domain harbour.example", "network 203.0.113.0/24"].map(
      (one) => `${key("harbour")} ${one} staff`,
    ),
  ]);
  assert.deepEqual(held().people, [["soc@harbour.example", "soc@harbour.example", key("harbour")]]);
  assert.equal(run.refused, 2, "an address that is none, a network of an organisation that is not there");
  for (const what of ["whole country", "notifications switched off", "full access"])
    assert.ok(
      problems.some(({ with: said }) => said?.["what"] === what),
      what,
    );
  assert.doesNotMatch(JSON.stringify(problems), /secret/);
  const before = await rows();
  await take({ "auth_db.sql": n6 });
  assert.deepEqual(await rows(), before);

  const csv = await open(t, "n6");
  await csv.take({
    "org.csv":
      'org_id,actual_name,full_access,email_notification_enabled,verified,entity_type_label\nharbour.example,"O\'Harbour ""Office""; (North), Ltd",0,1,1,Public Administration\nferry.example,,1,0,0,\n',
    "email_notification_address.csv": "id,email,org_id\n1,soc@harbour.example,harbour.example\n",
    "inside_filter_asn.ndjson": '{"id":1,"asn":64501,"org_id":"harbour.example"}\n',
    "inside_filter_fqdn.json": '[{"id":1,"fqdn":"harbour.example","org_id":"harbour.example"}]',
    "inside_filter_ip_network.csv":
      "id,ip_network,org_id\n1,203.0.113.0/24,harbour.example\n2,198.51.100.0/24,ferry.example\n",
    "user_provisional.csv": "login,password\nx,y\n",
  });
  assert.deepEqual(csv.held(), held());
});

test("readSqlDump() reads rows whatever stands in them, and tells of dumps that are cut", () => {
  const wanted = new Set(["a"]);
  const text = "x ' ) ; \\ \n\t( , NULL `\"";
  const mysql = `INSERT INTO \`a\` (\`id\`, \`t\`) VALUES (1,'${text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n").replaceAll("\t", "\\t")}'),\n(2,NULL);\nINSERT INTO b VALUES (')');\nINSERT INTO a (id) VALUES (_binary 'z');`;
  assert.deepEqual(
    readSqlDump(mysql, wanted).rows.map(({ fields }) => fields),
    [{ id: "1", t: text }, { id: "2" }, { id: "z" }],
  );
  const copy = "COPY public.a (id, t) FROM stdin;\n1\tone\\ttwo\\\\n\n2\t\\N\n\\.\n";
  assert.deepEqual(
    readSqlDump(copy, wanted).rows.map(({ fields }) => fields),
    [{ id: "1", t: "one\ttwo\\n" }, { id: "2" }],
  );
  for (const cut of [
    "COPY a (id) FROM stdin;\n1\n",
    "INSERT INTO a (id) VALUES (1),('x",
    "INSERT INTO a (id) VALUES (1)",
  ])
    assert.deepEqual(
      readSqlDump(cut, wanted).problems.map(({ code }) => code),
      ["WGL_BODY_SHAPE"],
      cut,
    );
  assert.deepEqual(
    readSqlDump("INSERT INTO a (id, t) VALUES (1);", wanted).problems.map(({ code }) => code),
    ["WGL_MOVE_ROW"],
  );
});
