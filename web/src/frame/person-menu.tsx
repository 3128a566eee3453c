import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { call } from "@web/api/call.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { noteSession, useMe } from "./session.ts";
import { setSingleKeys, useSingleKeys } from "./shortcuts.ts";
import { chooseTheme, currentTheme, type Theme, themes } from "./theme.ts";

/** Everything that belongs to the person and not to the page: theme, shortcuts, the way out. */
export const PersonMenu = (): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const client = useQueryClient();
  const keys = useSingleKeys();
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const id = useId();
  const signOut = async (): Promise<void> => {
    await call(language, "/session", { method: "DELETE" }).catch(() => undefined);
    noteSession(false);
    client.clear();
    location.assign("/");
  };
  return (
    <DialogTrigger>
      <Button className="person" aria-label={say("frame.person", { name: me.name })}>
        {visible(me.name)}
      </Button>
      <Popover className="floating" placement="bottom end" offset={6}>
        <Dialog className="person-menu" aria-label={visible(me.name)}>
          <fieldset>
            <legend>{say("frame.theme")}</legend>
            {themes.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name={id}
                  checked={each === theme}
                  onChange={() => {
                    setTheme(each);
                    chooseTheme(each);
                  }}
                />
                {say(`theme.${each}`)}
              </label>
            ))}
          </fieldset>
          <label>
            <input type="checkbox" checked={keys} onChange={(event) => setSingleKeys(event.target.checked)} />
            {say("frame.keys")}
          </label>
          <button type="button" onClick={() => void signOut()}>
            {say("frame.sign-out")}
          </button>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
};
