import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { WaglanError } from "#core/result.ts";
import { type Calling, EdgeCalls } from "#jobs/edge/calling.ts";
import type { EdgeConfig } from "#jobs/edge/edge-config.ts";
import { openEgress } from "#net/egress.ts";
import { plainClient } from "#net/plain-client.ts";
import { formats } from "#telemetry/index.ts";

/** A path and the system's code, as inputs tell them together. */
export const splitDetail = (detail: string): { readonly path: string; readonly code: string } => {
  const at = detail.lastIndexOf(" ");
  return { path: detail.slice(0, at), code: detail.slice(at + 1) };
};

/** The line to the centre; undefined: there is none. */
export const callsOf = async (
  { config, cwd }: { readonly config: EdgeConfig; readonly cwd: string },
  calling: Pick<Calling, "edge" | "shelf" | "epoch" | "now" | "trouble">,
): Promise<EdgeCalls | undefined> => {
  const { server, tokenFile, proxy, ca } = config;
  if (server === undefined || tokenFile === undefined) return undefined;
  const { hostname, port, protocol } = new URL(server);
  const token = (await textOf(resolve(cwd, tokenFile))).split("\n")[0]?.trim() ?? "";
  const line = openEgress({
    // the operator wrote the address: it may lie inside
    hosts: new Set([hostname.replace(/^\[|\]$/g, "")]),
    allowAddresses: ["0.0.0.0/0", "::/0"],
    client: plainClient,
    ports: [port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)],
    ...(proxy === undefined ? {} : { proxy }),
    ...(ca === undefined ? {} : { ca: await textOf(resolve(cwd, ca)) }),
  });
  return new EdgeCalls({ ...calling, line, server, token, askMs: config.askSeconds * 1000 });
};

const textOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new WaglanError("WGL_INPUT_PATH", { path, code }, { cause: error });
  }
};

/** PEM texts of a listener. */
export const keysOf = async (data: string, { cert, key, ca }: { cert: string; key: string; ca?: string }) => ({
  cert: await textOf(resolve(data, cert)),
  key: await textOf(resolve(data, key)),
  ...(ca === undefined ? {} : { ca: await textOf(resolve(data, ca)) }),
});

/** Changes when a file does; undefined: it is not there. */
export const stampOf = async (path: string): Promise<string | undefined> => {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return undefined;
  }
};

/** @throws WGL_INPUT_FORMAT */
export const checkFormats = ({ inputs }: EdgeConfig): void => {
  const named = [
    ...inputs.syslog.map(({ listen, format }) => ({ input: listen, format })),
    ...inputs.files.map(({ path, format }) => ({ input: path, format })),
  ];
  for (const { input, format } of named)
    if (format !== undefined && !formats.some(({ id }) => id === format))
      throw new WaglanError("WGL_INPUT_FORMAT", { format, input });
};
