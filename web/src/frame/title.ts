import { useEffect } from "react";
import { visible } from "@web/words/put.ts";

/** The page's name first, so that tabs and screen readers tell pages apart. */
export const useTitle = (title: string): void => {
  useEffect(() => {
    document.title = title === "" ? "waglan" : `${visible(title)} · waglan`;
  }, [title]);
};
