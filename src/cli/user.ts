import { acceptPassword, canonicalAccount } from "#community/password.ts";
import { isStaffRole, type Role, roles } from "#community/roles.ts";
import { WaglanError } from "#core/result.ts";
import { badOption, type Exit, exits, Stop } from "./exit.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface AddOptions extends SettingsOptions {
  readonly role: readonly string[];
  readonly person?: string;
  readonly staff?: true;
  readonly passwordStdin?: true;
  readonly json?: true;
}

export const userVerb: Verb = (program, cli) => {
  const user = program.command("user").summary("people who may sign in").description("People who may sign in.");
  const add = user
    .command("add")
    .summary("let somebody sign in")
    .description(
      "Lets somebody sign in. Without --password-stdin a password is made and printed this once.\n" +
        `Roles of staff: ${named(true)}\nRoles of members and partners: ${named(false)}`,
    )
    .argument("<name>", "how they sign in")
    .requiredOption("--role <role...>", "what they may do")
    .option("--person <key>", "who they are in the directory; without it they belong to no organisation")
    .option("--staff", "they work for the CERT itself")
    .option("--password-stdin", "the first line of standard input is the password")
    .option("--json", "the result as JSON");
  withSettings(add).action(async (name: string, options: AddOptions) => cli.end(await addUser(cli, name, options)));
  const disable = user
    .command("disable")
    .description("Ends somebody's sessions and lets them sign in no more.")
    .argument("<name>")
    .option("--json", "the result as JSON");
  withSettings(disable).action(async (name: string, options: AddOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await opened.users.disable(name);
        await (options.json ? cli.talk.json({ name, disabled: true }) : cli.talk.line(`${name} can sign in no more`));
        return exits.done;
      }),
    ),
  );
  const list = user.command("list").description("Lists who may sign in.").option("--json", "one a line as JSON");
  withSettings(list).action(async (options: AddOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        await printTable(cli, await opened.users.list(), options.json === true);
        return exits.done;
      }),
    ),
  );
};

const allRoles = Object.keys(roles) as readonly Role[];
const named = (staff: boolean): string => allRoles.filter((role) => isStaffRole(role) === staff).join(", ");

const addUser = async (cli: Cli, name: string, options: AddOptions): Promise<Exit> => {
  const chosen = options.role.flatMap((text) => text.split(",")).map((text) => roleOf(text, options.staff === true));
  if (!options.staff && options.person === undefined)
    throw badOption("--person", "", "a person of the directory, or --staff");
  const made = options.passwordStdin ? undefined : madePassword(cli.io.random(16));
  const password = acceptPassword(made ?? (await firstLine(cli.io.stdin)), name);
  if (!password.ok) throw new Stop([password.problem], exits.input);
  return withOpened(cli, settingsOf(cli.io, options), async (opened) => {
    // Adding somebody who is there would give their account a new password and other roles.
    const taken = (await opened.users.list()).some((one) => canonicalAccount(one.name) === canonicalAccount(name));
    if (taken) throw new WaglanError("WGL_NAME_TAKEN", { what: "user", value: name });
    await opened.users.add({
      name,
      password: password.value,
      roles: [...new Set(chosen)],
      staff: options.staff === true,
      ...(options.person === undefined ? {} : { person: options.person }),
    });
    const once = made === undefined ? {} : { password: made };
    await (options.json
      ? cli.talk.json({ name, roles: chosen, ...once })
      : cli.talk.line(made === undefined ? `${name} can sign in` : `${name} can sign in with ${made}`));
    if (made !== undefined) cli.talk.say("The password is not kept in clear: it cannot be shown again");
    return exits.done;
  });
};

const roleOf = (text: string, staff: boolean): Role => {
  const role = allRoles.find((one) => one === text);
  if (role === undefined) throw badOption("--role", text, `one of ${allRoles.join(", ")}`);
  if (isStaffRole(role) !== staff)
    throw badOption(
      "--role",
      text,
      staff ? `with --staff one of ${named(true)}` : `without --staff one of ${named(false)}`,
    );
  return role;
};

/** RFC 4648 base32 in lower case: no letter that another could be read for, but "o" and "l", which have no 0 and 1 beside them. */
const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** 16 letters in groups of four, 80 bits: "k3fq-a7zt-…". @param random 16 bytes */
const madePassword = (random: Uint8Array): string =>
  [...random]
    .map((byte) => letters[byte & 31])
    .join("")
    .replace(/(.{4})(?=.)/g, "$1-");

/** More than this is no password somebody typed, and not read. */
const longestLine = 4096;

const firstLine = async (stdin: AsyncIterable<Uint8Array>): Promise<string> => {
  let text = Buffer.alloc(0);
  for await (const chunk of stdin) {
    text = Buffer.concat([text, chunk]);
    if (text.includes(10) || text.length > longestLine) break;
  }
  return text.toString("utf8").split(/\r?\n/, 1)[0] ?? "";
};
