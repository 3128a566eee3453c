import type { Released } from "#community/release.ts";

type Json = Readonly<Record<string, unknown>>;

/** What leaves of an event: its own members in MISP's words, and the name of who wrote it. */
export interface MispEventOut {
  readonly event: Json;
  /** Name and, after a blank line, UUID; empty where the author is not to be named. */
  readonly author: string;
}

/** What leaves of an attribute or object: its members in MISP's words. */
export interface MispPartOut {
  readonly part: Json;
}

/** What staff read by their scope. It is no permission: it goes to nobody else. */
export class ForStaff<T> {
  readonly #staff = true;
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
  get staff(): boolean {
    return this.#staff;
  }
}

export type MispOut<T> = Released<T> | ForStaff<T>;

/** An attribute as its search gives it. */
export interface MispLine {
  readonly attribute: MispOut<MispPartOut>;
  readonly event: MispOut<MispEventOut>;
}

/** A member as text. */
export const textOf = (json: Json, name: string): string => {
  const value = json[name];
  if (value === true) return "1";
  if (value === false) return "0";
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
