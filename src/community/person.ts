import type { Brand } from "#core/brand.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Language } from "#words/language.ts";
import type { Role } from "./roles.ts";

export type PersonId = Brand<string, "PersonId">;

/** One human being, who may act for several organisations (a contractor for ten departments), with a role in each. */
export interface Person {
  readonly id: PersonId;
  /** The name in the directory file, kebab-case. */
  readonly key: string;
  readonly name: string;
  readonly organisations: readonly Post[];
  /** Absent: the organisation's languages. */
  readonly language?: Language;
  readonly channels: readonly Channel[];
}

/** What a person is in one organisation. */
export interface Post {
  readonly organisation: OrganisationId;
  readonly role: Role;
}

/**
 * Where a person is reached, best first. `proven`: an answer came back over this very channel; what is declared in a
 * file or typed by a colleague is not proven.
 */
export type Channel =
  | { readonly kind: "email"; readonly address: string; readonly proven: boolean }
  | { readonly kind: "phone"; readonly number: string; readonly proven: boolean };
