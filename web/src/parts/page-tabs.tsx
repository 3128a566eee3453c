import type { ReactNode } from "react";

/** Pages beside each other: links, of which one is the current page. Fewer than two are no choice. */
export const PageTabs = ({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode => (
  <nav className="tabs page-tabs" aria-label={label}>
    {children}
  </nav>
);
