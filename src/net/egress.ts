import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import type { ErrorCode } from "#core/errors.ts";
import { assert, WaglanError } from "#core/result.ts";
import { dial } from "./dial.ts";
import type { HttpAnswer, HttpClient, Way } from "./http-client.ts";
import { inNetworks, specialRange } from "./reachable.ts";

/** The one way to the network (DESIGN §4.3): every byte waglan fetches comes through `get`. */
export interface Egress {
  /**
   * Answers whatever status the far side gave, 304 and 5xx included; the body is never decoded.
   *
   * @throws WGL_EGRESS_… before, instead of, or during the exchange; nothing of a broken body is handed out
   */
  readonly get: (url: string, request: EgressRequest) => Promise<Fetched>;
  /**
   * Sends `body` to just this address: a redirect is an answer like any other and is not followed, for what is signed for one
   * reader is not carried to another.
   *
   * @throws WGL_EGRESS_… as `get`
   */
  readonly post: (url: string, request: EgressPost) => Promise<Fetched>;
  /**
   * A connection that stays open, inside TLS, for protocols that are not HTTP. Whoever asked for it closes it.
   *
   * @param origin "https://stream.example:61614": the scheme says that there is TLS, nothing of HTTP is spoken
   * @throws WGL_EGRESS_… as `get`
   */
  readonly connect: (
    origin: string,
    request: Pick<EgressRequest, "purpose" | "deadlineMs" | "secrets">,
  ) => Promise<Socket>;
}

export interface EgressPost extends Omit<EgressRequest, "etag" | "lastModified"> {
  readonly body: Uint8Array;
  /** Media type of the body. */
  readonly type: string;
}

export interface EgressRequest {
  /** Who asks and why, for the log: "feed:abusech-feodo". */
  readonly purpose: string;
  /** Validators of the copy we hold; sent as If-None-Match and If-Modified-Since. */
  readonly etag?: string;
  readonly lastModified?: string;
  /** Longest body in bytes as sent (compressed, if `headers` asked for that). */
  readonly maxBytes: number;
  /** Milliseconds for everything: names, connections, redirects, the last byte. */
  readonly deadlineMs: number;
  /**
   * Sent to the host of `url` and to no other: a redirect elsewhere loses them, since they may hold a key.
   * `accept-encoding` is "identity" unless given here; then `headers["content-encoding"]` of the answer says what came.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Takes the body of an answer with status 200 part by part as it comes, for one that is large beside the process: `body` is
   * empty then. Parts of a body that breaks off were taken; only when the promise holds is it whole.
   */
  readonly into?: (part: Uint8Array) => void;
  /** Texts that stand for a key wherever an address is shown, in logs and in errors: a key may stand in a path. */
  readonly secrets?: readonly string[];
}

export interface Fetched {
  readonly status: number;
  /** Lower-case names; repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly notModified: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

export interface EgressOptions {
  /** Hosts that may be asked, lower case, without a final dot; redirects too lead only there. A live set may grow. */
  readonly hosts: { readonly has: (host: string) => boolean };
  /** Default 80 and 443. */
  readonly ports?: readonly number[];
  /** Further ports of single hosts, "stream.example:61614": those that the operator wrote into an address. */
  readonly places?: ReadonlySet<string>;
  /** Networks that may be reached although their range is special: "10.20.0.0/16" for a mirror inside, "127.0.0.1/32" in tests. */
  readonly allowAddresses?: readonly string[];
  /**
   * "http://proxy.example:3128", credentials allowed: it resolves names and connects for us, so it also has to refuse
   * inner addresses. Allow-list, ports, literal addresses, caps and redirects are still held to here.
   */
  readonly proxy?: string;
  /** PEM of further certificate authorities, for partners with their own. */
  readonly ca?: string;
  /** Canonical addresses of a name; default: the system's resolver. Asked once a hop, the answer is pinned. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** Who speaks HTTP; default: undici, loaded when it is first needed. */
  readonly client?: HttpClient;
  /** Told once for each hop, when it ended. */
  readonly log?: (entry: EgressEntry) => void;
}

export interface EgressEntry {
  readonly purpose: string;
  /** Without the query, which may hold a key. */
  readonly url: string;
  /** The address connected to; absent when none was, or a proxy did. */
  readonly address?: string;
  readonly status?: number;
  readonly bytes: number;
  readonly tookMs: number;
  /** Why it failed. */
  readonly code?: ErrorCode;
}

/** A feed that moved needs one hop, its mirror chooser a second, http → https a third; more is a trap. */
const redirectsAtMost = 3;
export const openEgress = (options: EgressOptions): Egress => {
  const ports = options.ports ?? [80, 443];
  const within = async <T>(
    request: Pick<EgressRequest, "headers" | "deadlineMs">,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    for (const name of Object.keys(request.headers ?? {}))
      assert(!ours.has(name.toLowerCase()), `egress sets the header ${name} itself`);
    // A timer of our own: AbortSignal.timeout would let the process end while a resolver hangs.
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new WaglanError("WGL_EGRESS_DEADLINE", { seconds: request.deadlineMs / 1000 })),
      request.deadlineMs,
    );
    try {
      return await work(controller.signal);
    } finally {
      clearTimeout(timer);
    }
  };

  const post = (text: string, { body, type, ...request }: EgressPost): Promise<Fetched> =>
    within(request, (signal) => {
      const url = readUrl(text, shownWithout(request.secrets ?? []));
      return exchange(url, request, true, signal, { bytes: body, type });
    }).then((answer) => {
      if ("to" in answer)
        throw new WaglanError("WGL_EGRESS_REDIRECTS", {
          url: readUrl(text, shownWithout(request.secrets ?? [])).origin,
          limit: 0,
        });
      return answer;
    });

  const get = (text: string, request: EgressRequest): Promise<Fetched> =>
    within(request, async (signal) => {
      const show = shownWithout(request.secrets ?? []);
      let url = readUrl(text, show);
      let own = true;
      for (let hop = 0; hop <= redirectsAtMost; hop++) {
        const answer = await exchange(url, request, own, signal);
        if (!("to" in answer)) return answer;
        const to = readUrl(answer.to, show, url);
        if (url.protocol === "https:" && to.protocol === "http:")
          throw new WaglanError("WGL_EGRESS_DOWNGRADE", { from: show(url), to: show(to) });
        own = own && to.origin === url.origin;
        url = to;
      }
      throw new WaglanError("WGL_EGRESS_REDIRECTS", { url: show(readUrl(text, show)), limit: redirectsAtMost });
    });

  /** One hop: an answer, or where it sends us. */
  const exchange = async (
    url: URL,
    request: EgressRequest,
    own: boolean,
    signal: AbortSignal,
    sent?: { readonly bytes: Uint8Array; readonly type: string },
  ): Promise<Fetched | { readonly to: string }> => {
    const began = performance.now();
    const show = shownWithout(request.secrets ?? []);
    const connected: { address?: string } = {};
    let bytes = 0;
    let status: number | undefined;
    let code: ErrorCode | undefined;
    let answer: HttpAnswer | undefined;
    try {
      const host = allowedHost(url);
      const client = options.client ?? (await import("./undici-client.ts")).undiciClient;
      answer = await client({
        ...{ url, signal, way: await wayTo(host, signal, connected) },
        ...(sent === undefined
          ? { method: "GET" as const, headers: headersOf(request, own) }
          : {
              method: "POST" as const,
              headers: { ...headersOf(request, own), "content-type": sent.type },
              body: sent.bytes,
            }),
      });
      const { headers } = answer;
      status = answer.status;
      const location = headers["location"];
      if (redirects.has(status) && location !== undefined) return { to: location };
      const promised = Number(headers["content-length"] ?? "0");
      if (promised > request.maxBytes)
        throw new WaglanError("WGL_EGRESS_LARGE", { url: show(url), limit: request.maxBytes });
      const chunks: Uint8Array[] = [];
      for await (const chunk of answer.body) {
        bytes += chunk.byteLength;
        if (bytes > request.maxBytes)
          throw new WaglanError("WGL_EGRESS_LARGE", { url: show(url), limit: request.maxBytes });
        if (request.into !== undefined && status === 200) request.into(chunk);
        else chunks.push(chunk);
      }
      return { status, headers, body: Buffer.concat(chunks), notModified: status === 304, url: url.href };
    } catch (error) {
      const known = brokenBy(error, signal, show(url));
      code = known.code;
      throw known;
    } finally {
      answer?.close();
      options.log?.({
        purpose: request.purpose,
        url: show(url),
        ...(connected.address === undefined ? {} : { address: connected.address }),
        ...(status === undefined ? {} : { status }),
        bytes,
        tookMs: Math.round(performance.now() - began),
        ...(code === undefined ? {} : { code }),
      });
    }
  };

  const allowedHost = (url: URL): string => {
    const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    if (!options.hosts.has(host)) throw new WaglanError("WGL_EGRESS_HOST", { host });
    const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
    if (!ports.includes(port) && options.places?.has(`${host}:${port}`) !== true)
      throw new WaglanError("WGL_EGRESS_PORT", { host, port });
    if (isIP(host) !== 0) allowedAddress(host, host);
    return host;
  };

  const allowedAddress = (address: string, host: string): void => {
    if (inNetworks(address, options.allowAddresses ?? [])) return;
    const range = specialRange(address);
    if (range !== undefined) throw new WaglanError("WGL_EGRESS_ADDRESS", { host, address, range });
  };

  /** All addresses of the name, once; one refused address refuses the name, for nobody honest mixes inside and outside. */
  const addressesOf = async (host: string, signal: AbortSignal): Promise<readonly string[]> => {
    if (isIP(host) !== 0) return [host];
    const found = await Promise.race([(options.resolve ?? bySystem)(host), aborted(signal)]).catch((error: unknown) => {
      throw ofOurs(error, signal) ?? new WaglanError("WGL_EGRESS_NAME", { host }, { cause: error });
    });
    if (found.length === 0) throw new WaglanError("WGL_EGRESS_NAME", { host });
    for (const address of found) allowedAddress(address, host);
    return found;
  };

  const wayTo = async (host: string, signal: AbortSignal, connected: { address?: string }): Promise<Way> => ({
    ...{ host, addresses: options.proxy === undefined ? await addressesOf(host, signal) : [] },
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    arrived: (address) => {
      connected.address = address;
      allowedAddress(address, host);
    },
  });

  const connect: Egress["connect"] = (text, request) =>
    within(request, async (signal) => {
      const began = performance.now();
      const show = shownWithout(request.secrets ?? []);
      const url = readUrl(text, show);
      const connected: { address?: string } = {};
      let code: ErrorCode | undefined;
      try {
        const host = allowedHost(url);
        const opening = dial(url, await wayTo(host, signal, connected), signal);
        // what comes after the deadline is nobody's
        void opening.then((socket) => signal.aborted && socket.destroy()).catch(() => undefined);
        return await Promise.race([opening, aborted(signal)]);
      } catch (error) {
        const known = brokenBy(error, signal, show(url));
        code = known.code;
        throw known;
      } finally {
        options.log?.({
          ...{ purpose: request.purpose, url: show(url), bytes: 0, tookMs: Math.round(performance.now() - began) },
          ...(connected.address === undefined ? {} : { address: connected.address }),
          ...(code === undefined ? {} : { code }),
        });
      }
    });

  return { get, post, connect };
};

/** Set by egress or by HTTP itself; a caller that sets one is a mistake of ours. */
const ours = new Set([
  "host",
  "cookie",
  "connection",
  "content-length",
  "transfer-encoding",
  "proxy-authorization",
  "if-none-match",
  "if-modified-since",
]);

const redirects = new Set([301, 302, 303, 307, 308]);

const headersOf = (request: EgressRequest, own: boolean): Record<string, string> => ({
  "user-agent": "waglan",
  accept: "*/*",
  "accept-encoding": "identity",
  ...(own ? lowerCase(request.headers ?? {}) : {}),
  ...(own && request.etag !== undefined ? { "if-none-match": request.etag } : {}),
  ...(own && request.lastModified !== undefined ? { "if-modified-since": request.lastModified } : {}),
});

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Absolute http or https without credentials. The WHATWG parser makes 127.1, 0x7f000001 and ①②⑦.⓪.⓪.① what they mean. */
const readUrl = (text: string, show: Shown, base?: URL): URL => {
  const url = URL.parse(text, base?.href);
  if (
    !url ||
    (url.protocol !== "https:" && url.protocol !== "http:") ||
    url.username !== "" ||
    url.password !== "" ||
    url.hostname === ""
  )
    throw new WaglanError("WGL_EGRESS_URL", { url: show(url ?? text.replace(/[?#].*/s, "")) });
  return url;
};

/** For logs and messages: no query, no credentials. */
type Shown = (url: URL | string) => string;
const shownWithout =
  (secrets: readonly string[]): Shown =>
  (url) => {
    const text = typeof url === "string" ? url : `${url.protocol}//${url.host}${url.pathname}`;
    return secrets.reduce((left, secret) => (secret === "" ? left : left.replaceAll(secret, "…")), text);
  };

const bySystem = async (host: string): Promise<readonly string[]> =>
  (await systemLookup(host, { all: true })).map((found) => found.address);

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });

/** Our own error, however deep a client wrapped it; after the deadline everything is the deadline. */
const ofOurs = (error: unknown, signal: AbortSignal): WaglanError | undefined => {
  if (signal.aborted && signal.reason instanceof WaglanError) return signal.reason;
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof WaglanError) return at;
  return undefined;
};

/** What a caller is told when an exchange, or a connection, did not come to its end. */
const brokenBy = (error: unknown, signal: AbortSignal, url: string): WaglanError =>
  ofOurs(error, signal) ?? new WaglanError("WGL_EGRESS_BROKEN", { url, why: systemCode(error) }, { cause: error });

/** "ECONNREFUSED", "UND_ERR_SOCKET", "HTTP_CUT": a code, never the error's text. */
const systemCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no code";
