import type { Observable } from "#core/observable.ts";
import { urlParts } from "#core/url.ts";
import type { Seen, Where } from "./format.ts";
import { addressIn, emailsIn, hashIn, hostIn, hostOfUrl, pathIn, urlIn } from "./observed.ts";

/** Collects what a record shows, each value once per place; text that is no such value is passed over. */
export class SeenList {
  readonly seen: Seen[] = [];

  put(where: Where, value: Observable | undefined, port?: number): void {
    if (value === undefined) return;
    if (this.seen.some((s) => s.value === value.value && s.where === where && s.kind === value.kind)) return;
    this.seen.push({ ...value, where, ...(port ? { port } : {}) });
  }

  /** @returns the canonical address, when it is one */
  address(where: Where, text: string | undefined, port?: number): string | undefined {
    const value = text === undefined ? undefined : addressIn(text);
    this.put(where, value, port);
    return value?.value;
  }

  host(where: Where, text: string | undefined, port?: number): void {
    if (text !== undefined) this.put(where, hostIn(text), port);
  }

  hash(where: Where, text: string | undefined): void {
    if (text !== undefined) this.put(where, hashIn(text));
  }

  /** A whole URL with its host and path; a path alone; or `host:port` as after CONNECT. */
  url(where: Where, text: string | undefined): void {
    if (text === undefined) return;
    if (text.startsWith("/") && !text.startsWith("//")) return this.put(where, pathIn(text));
    const url = urlIn(text);
    if (url === undefined) {
      if (!text.includes("/")) this.host(where, text);
      return;
    }
    this.put(where, url);
    this.put(where, hostOfUrl(url.value));
    this.put(where, pathOf(url.value));
  }

  /** The addresses of `X-Forwarded-For: 198.51.100.7, [2001:db8::1]:4711, unknown`. */
  hops(text: string | undefined): void {
    for (const hop of text?.split(",") ?? []) {
      const value = hostIn(hop.trim());
      if (value !== undefined && value.kind !== "domain") this.put("x-forwarded-for", value);
    }
  }

  /** Every address of a mail header, and the name it is at. */
  mail(where: Where, text: string | undefined): void {
    for (const email of text === undefined ? [] : emailsIn(text)) {
      this.put(where, email);
      this.put(where, hostIn(email.value.slice(email.value.lastIndexOf("@") + 1)));
    }
  }
}

/** A canonical URL's path is canonical itself, but for an empty query or fragment, which a path alone does not keep. */
const pathOf = (url: string): Observable | undefined => {
  const { path } = urlParts(url);
  if (/[?#](?:#|$)/.test(path)) return pathIn(path);
  return path.length > 1 && !path.startsWith("//") ? { kind: "path", value: path } : undefined;
};
