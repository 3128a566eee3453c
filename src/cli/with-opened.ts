import type { Config } from "#jobs/config/config.ts";
import type { Opened } from "./abilities.ts";
import type { Exit } from "./exit.ts";
import type { Cli } from "./verb.ts";

/** Opens the store for one piece of work and closes it whatever happens. */
export const withOpened = async (cli: Cli, config: Config, work: (opened: Opened) => Promise<Exit>): Promise<Exit> => {
  const opened = await cli.abilities.open(config);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
};
