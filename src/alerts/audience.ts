import type { Organisation } from "#community/organisation.ts";
import type { Person } from "#community/person.ts";
import type { Role } from "#community/roles.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Language } from "#words/language.ts";

/** One person to tell, in which languages, and where. */
export interface AlertRecipient {
  readonly person: Person;
  readonly role: Role;
  /** The mailbox; proven ones first. */
  readonly address: string;
  readonly languages: readonly [Language, ...Language[]];
}

export interface AlertAudience {
  /** In the order in which they are told. */
  readonly recipients: readonly AlertRecipient[];
  /** Nobody who should be told can be reached: staff must find a way. */
  readonly undeliverable: boolean;
  /** Would be told and have no mailbox, for the directory's keeper. */
  readonly unreachable: readonly Person[];
}

/**
 * Who is told, first to last: security contacts, then the duty officers; from high on also the manager, who may have to
 * decide on shutting something down. Others read in the portal. Without any of these the manager stands in.
 * Within a role the directory's order holds, so that the same input gives the same list.
 */
export const audienceOf = (
  organisation: Pick<Organisation, "id" | "languages">,
  people: readonly Person[],
  severity: Severity,
): AlertAudience => {
  const holding = (role: Role): readonly AlertRecipientLess[] =>
    people
      .filter((person) =>
        person.organisations.some((post) => post.organisation === organisation.id && post.role === role),
      )
      .map((person) => ({ person, role }));
  const first = order.flatMap(holding);
  const wanted = first.length === 0 || rank(severity) >= rank(managersFrom) ? [...first, ...holding("manager")] : first;
  const recipients: AlertRecipient[] = [];
  const unreachable: Person[] = [];
  const told = new Set<string>();
  for (const { person, role } of wanted) {
    if (told.has(person.id)) continue;
    told.add(person.id);
    const address = mailboxOf(person);
    if (address === undefined) unreachable.push(person);
    else recipients.push({ person, role, address, languages: languagesOf(person, organisation) });
  }
  return { recipients, undeliverable: recipients.length === 0, unreachable };
};

type AlertRecipientLess = Pick<AlertRecipient, "person" | "role">;

const order = ["security-contact", "duty-officer"] as const satisfies readonly Role[];
const managersFrom: Severity = "high";

const mailboxOf = (person: Person): string | undefined => {
  const mail = person.channels.filter((channel) => channel.kind === "email");
  return (mail.find((channel) => channel.proven) ?? mail[0])?.address;
};

/** The person's own language, then the organisation's; the person's comes once. */
const languagesOf = (
  person: Person,
  organisation: Pick<Organisation, "languages">,
): readonly [Language, ...Language[]] => {
  const [first = "en", ...rest] = new Set([
    ...(person.language === undefined ? [] : [person.language]),
    ...organisation.languages,
  ]);
  return [first, ...rest];
};
