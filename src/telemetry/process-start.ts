import type { ProcessStart } from "./format.ts";
import { withoutSecrets } from "./secrets.ts";

/** The start of a program as a log tells it; nothing where it does not name the program. Passwords on a command line go. */
export const processStart = (
  image: string | undefined,
  command: string | undefined,
  parent?: string,
): ProcessStart | undefined =>
  image === undefined
    ? undefined
    : {
        image,
        ...(command === undefined ? {} : { command: withoutSecrets(command) }),
        ...(parent === undefined ? {} : { parent }),
      };
