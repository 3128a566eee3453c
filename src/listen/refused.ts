import { WaglanError } from "#core/result.ts";

/** What stands in the way of listening: the port is taken, the address is not ours, the right is missing. */
export const refusedToListen = (listen: string, error: NodeJS.ErrnoException): WaglanError =>
  new WaglanError("WGL_LISTEN_PLACE", { listen, code: error.code ?? error.message }, { cause: error });
