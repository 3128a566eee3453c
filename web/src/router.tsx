import { createRootRoute, createRoute, createRouter, Navigate, Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AlertPage } from "./alerts/alert-page.tsx";
import { AlertsPage } from "./alerts/alerts-page.tsx";
import { FindingPage } from "./finding/finding-page.tsx";
import { Frame } from "./frame/frame.tsx";
import { mayReadAlerts, mayReadQueue, mayReadSources, useMe } from "./frame/session.ts";
import { QueuePage } from "./queue/queue-page.tsx";
import { readQueueSearch } from "./queue/search.ts";
import { SourcePage } from "./sources/source-page.tsx";
import { SourcesPage } from "./sources/sources-page.tsx";
import { useReader } from "./words/reader.tsx";

const NotFound = (): ReactNode => {
  const { say } = useReader();
  return (
    <Frame title={say("failed.not-found")} tlp="amber">
      <div className="sheet">
        <h1>{say("failed.not-found")}</h1>
      </div>
    </Frame>
  );
};

/** Each starts where their work is; who has no page here is told so, and whom to ask. */
const Home = (): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  if (mayReadQueue(me)) return <Navigate to="/queue" search={{ view: "open" }} replace />;
  if (mayReadAlerts(me)) return <Navigate to="/alerts" replace />;
  if (mayReadSources(me)) return <Navigate to="/sources" replace />;
  return (
    <Frame title="" tlp="green">
      <div className="sheet">
        <p className="empty">{say("failed.forbidden")}</p>
      </div>
    </Frame>
  );
};

/** A page stands only for those who may read it; others are shown no trace of it. The server decides the same again. */
const only = (may: typeof mayReadQueue, Page: () => ReactNode) => (): ReactNode =>
  may(useMe()) ? <Page /> : <NotFound />;

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const routes = root.addChildren([
  createRoute({ getParentRoute: () => root, path: "/", component: Home }),
  createRoute({
    getParentRoute: () => root,
    path: "/queue",
    validateSearch: readQueueSearch,
    component: only(mayReadQueue, QueuePage),
  }),
  createRoute({ getParentRoute: () => root, path: "/findings/$id", component: only(mayReadQueue, FindingPage) }),
  createRoute({ getParentRoute: () => root, path: "/alerts", component: only(mayReadAlerts, AlertsPage) }),
  createRoute({ getParentRoute: () => root, path: "/alerts/$id", component: only(mayReadAlerts, AlertPage) }),
  createRoute({ getParentRoute: () => root, path: "/sources", component: only(mayReadSources, SourcesPage) }),
  createRoute({ getParentRoute: () => root, path: "/sources/$id", component: only(mayReadSources, SourcePage) }),
]);

export const router = createRouter({ routeTree: routes, scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
