import { createRootRoute, createRoute, createRouter, Navigate, Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { AdvisoriesPage } from "./advisories/advisories-page.tsx";
import { AdvisoryPage } from "./advisories/advisory-page.tsx";
import { readAdvisorySearch } from "./advisories/search.ts";
import { AlertPage } from "./alerts/alert-page.tsx";
import { AlertsPage } from "./alerts/alerts-page.tsx";
import { FindingPage } from "./finding/finding-page.tsx";
import { Frame } from "./frame/frame.tsx";
import {
  mayReadAdvisories,
  mayReadAlerts,
  mayReadIndicators,
  mayReadQueue,
  mayReadSharing,
  mayReadSources,
  useMe,
} from "./frame/session.ts";
import { IndicatorPage } from "./indicators/indicator-page.tsx";
import { IndicatorsPage } from "./indicators/indicators-page.tsx";
import { readIndicatorSearch } from "./indicators/search.ts";
import { QueuePage } from "./queue/queue-page.tsx";
import { readQueueSearch } from "./queue/search.ts";
import { PreviewPage } from "./sharing/preview-page.tsx";
import { SharingPage } from "./sharing/sharing-page.tsx";
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
  if (mayReadAdvisories(me)) return <Navigate to="/advisories" search={{}} replace />;
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
  createRoute({
    getParentRoute: () => root,
    path: "/indicators",
    validateSearch: readIndicatorSearch,
    component: only(mayReadIndicators, IndicatorsPage),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/indicators/$id",
    component: only(mayReadIndicators, IndicatorPage),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/advisories",
    validateSearch: readAdvisorySearch,
    component: only(mayReadAdvisories, AdvisoriesPage),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/advisories/$id",
    component: only(mayReadAdvisories, AdvisoryPage),
  }),
  createRoute({ getParentRoute: () => root, path: "/sources", component: only(mayReadSources, SourcesPage) }),
  createRoute({ getParentRoute: () => root, path: "/sources/$id", component: only(mayReadSources, SourcePage) }),
  createRoute({ getParentRoute: () => root, path: "/sharing", component: only(mayReadSharing, SharingPage) }),
  createRoute({ getParentRoute: () => root, path: "/sharing/$party", component: only(mayReadSharing, PreviewPage) }),
]);

export const router = createRouter({ routeTree: routes, scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
