import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
} from "@tanstack/react-router";
import { type ComponentType, createElement, type ReactNode } from "react";
import type { Me } from "@api/session.ts";
import { readAdvisorySearch } from "./advisories/search.ts";
import { Frame } from "./frame/frame.tsx";
import {
  mayJudge,
  mayOpenProducts,
  mayHunt,
  mayOpenSharing,
  mayReadAdvisories,
  mayReadAlerts,
  mayReadCollections,
  mayReadAttack,
  mayReadIncidents,
  mayReadIndicators,
  mayReadKept,
  mayReadProducts,
  mayReadQueue,
  mayReadSensors,
  mayReadSharing,
  mayReadRules,
  mayReadSources,
  maySilence,
  mayTakeIn,
  useMe,
} from "./frame/session.ts";
import { readIncidentSearch, readSilenceSearch } from "./incidents/search.ts";
import { readIndicatorSearch } from "./indicators/search.ts";
import { readRuleSearch } from "./rules/search.ts";
import { readProductSearch, readWeaknessOf, readWeaknessSearch } from "./products/search.ts";
import { readQueueSearch } from "./queue/search.ts";
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

/** Each page is a file of its own, loaded when it is first opened: nobody loads pages that they may not have. */
const pages = {
  queue: lazyRouteComponent(() => import("./queue/queue-page.tsx"), "QueuePage"),
  finding: lazyRouteComponent(() => import("./finding/finding-page.tsx"), "FindingPage"),
  incidents: lazyRouteComponent(() => import("./incidents/incidents-page.tsx"), "IncidentsPage"),
  incident: lazyRouteComponent(() => import("./incidents/incident-page.tsx"), "IncidentPage"),
  silences: lazyRouteComponent(() => import("./incidents/silences-page.tsx"), "SilencesPage"),
  attack: lazyRouteComponent(() => import("./incidents/attack-page.tsx"), "AttackPage"),
  alerts: lazyRouteComponent(() => import("./alerts/alerts-page.tsx"), "AlertsPage"),
  alert: lazyRouteComponent(() => import("./alerts/alert-page.tsx"), "AlertPage"),
  indicators: lazyRouteComponent(() => import("./indicators/indicators-page.tsx"), "IndicatorsPage"),
  indicator: lazyRouteComponent(() => import("./indicators/indicator-page.tsx"), "IndicatorPage"),
  intake: lazyRouteComponent(() => import("./intake/intake-page.tsx"), "IntakePage"),
  verdicts: lazyRouteComponent(() => import("./indicators/verdicts-page.tsx"), "VerdictsPage"),
  exclusions: lazyRouteComponent(() => import("./indicators/exclusions-page.tsx"), "ExclusionsPage"),
  advisories: lazyRouteComponent(() => import("./advisories/advisories-page.tsx"), "AdvisoriesPage"),
  advisory: lazyRouteComponent(() => import("./advisories/advisory-page.tsx"), "AdvisoryPage"),
  productsHome: lazyRouteComponent(() => import("./products/products-home.tsx"), "ProductsHome"),
  weakness: lazyRouteComponent(() => import("./products/weakness-page.tsx"), "WeaknessPage"),
  products: lazyRouteComponent(() => import("./products/products-page.tsx"), "ProductsPage"),
  matches: lazyRouteComponent(() => import("./products/matches-page.tsx"), "MatchesPage"),
  inventories: lazyRouteComponent(() => import("./products/inventories-page.tsx"), "InventoriesPage"),
  inventory: lazyRouteComponent(() => import("./products/inventory-page.tsx"), "InventoryPage"),
  sources: lazyRouteComponent(() => import("./sources/sources-page.tsx"), "SourcesPage"),
  source: lazyRouteComponent(() => import("./sources/source-page.tsx"), "SourcePage"),
  rejected: lazyRouteComponent(() => import("./sources/rejected-page.tsx"), "RejectedPage"),
  sensors: lazyRouteComponent(() => import("./sensors/sensors-page.tsx"), "SensorsPage"),
  parcel: lazyRouteComponent(() => import("./sensors/parcel-page.tsx"), "ParcelPage"),
  rules: lazyRouteComponent(() => import("./rules/rules-page.tsx"), "RulesPage"),
  rule: lazyRouteComponent(() => import("./rules/rule-page.tsx"), "RulePage"),
  tryRule: lazyRouteComponent(() => import("./rules/try-page.tsx"), "TryPage"),
  hunts: lazyRouteComponent(() => import("./hunts/hunts-page.tsx"), "HuntsPage"),
  hunt: lazyRouteComponent(() => import("./hunts/hunt-page.tsx"), "HuntPage"),
  automatic: lazyRouteComponent(() => import("./hunts/automatic-page.tsx"), "AutomaticPage"),
  kept: lazyRouteComponent(() => import("./hunts/kept-page.tsx"), "KeptPage"),
  sharing: lazyRouteComponent(() => import("./sharing/sharing-page.tsx"), "SharingPage"),
  preview: lazyRouteComponent(() => import("./sharing/preview-page.tsx"), "PreviewPage"),
  lists: lazyRouteComponent(() => import("./sharing/lists-page.tsx"), "ListsPage"),
  webhooks: lazyRouteComponent(() => import("./sharing/webhooks-page.tsx"), "WebhooksPage"),
  collections: lazyRouteComponent(() => import("./sharing/collections-page.tsx"), "CollectionsPage"),
  collection: lazyRouteComponent(() => import("./sharing/collection-page.tsx"), "CollectionPage"),
} as const;

/** A page stands only for those who may read it; others are shown no trace of it. The server decides the same again. */
const only = (may: (me: Me) => boolean, page: keyof typeof pages) => (): ReactNode =>
  may(useMe()) ? createElement(pages[page] as ComponentType) : <NotFound />;

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const at = { getParentRoute: () => root } as const;
const routes = root.addChildren([
  createRoute({ ...at, path: "/", component: Home }),
  createRoute({ ...at, path: "/queue", validateSearch: readQueueSearch, component: only(mayReadQueue, "queue") }),
  createRoute({ ...at, path: "/findings/$id", component: only(mayReadQueue, "finding") }),
  createRoute({
    ...at,
    path: "/incidents",
    validateSearch: readIncidentSearch,
    component: only(mayReadIncidents, "incidents"),
  }),
  createRoute({ ...at, path: "/incidents/$id", component: only(mayReadIncidents, "incident") }),
  createRoute({ ...at, path: "/silences", validateSearch: readSilenceSearch, component: only(maySilence, "silences") }),
  createRoute({ ...at, path: "/attack", component: only(mayReadAttack, "attack") }),
  createRoute({ ...at, path: "/alerts", component: only(mayReadAlerts, "alerts") }),
  createRoute({ ...at, path: "/alerts/$id", component: only(mayReadAlerts, "alert") }),
  createRoute({
    ...at,
    path: "/indicators",
    validateSearch: readIndicatorSearch,
    component: only(mayReadIndicators, "indicators"),
  }),
  createRoute({ ...at, path: "/indicators/intake", component: only(mayTakeIn, "intake") }),
  createRoute({ ...at, path: "/indicators/verdicts", component: only(mayJudge, "verdicts") }),
  createRoute({ ...at, path: "/indicators/exclusions", component: only(mayReadSources, "exclusions") }),
  createRoute({ ...at, path: "/indicators/$id", component: only(mayReadIndicators, "indicator") }),
  createRoute({
    ...at,
    path: "/advisories",
    validateSearch: readAdvisorySearch,
    component: only(mayReadAdvisories, "advisories"),
  }),
  createRoute({ ...at, path: "/advisories/$id", component: only(mayReadAdvisories, "advisory") }),
  createRoute({
    ...at,
    path: "/products",
    validateSearch: readWeaknessSearch,
    component: only(mayOpenProducts, "productsHome"),
  }),
  createRoute({
    ...at,
    path: "/products/weakness",
    validateSearch: readWeaknessOf,
    component: only(mayReadProducts, "weakness"),
  }),
  createRoute({ ...at, path: "/products/$organisation", component: only(mayReadProducts, "products") }),
  createRoute({
    ...at,
    path: "/products/$organisation/matches",
    validateSearch: readProductSearch,
    component: only(mayReadProducts, "matches"),
  }),
  createRoute({ ...at, path: "/products/$organisation/inventories", component: only(mayOpenProducts, "inventories") }),
  createRoute({
    ...at,
    path: "/products/$organisation/inventories/$name",
    component: only(mayOpenProducts, "inventory"),
  }),
  createRoute({ ...at, path: "/sources", component: only(mayReadSources, "sources") }),
  createRoute({ ...at, path: "/sources/$id", component: only(mayReadSources, "source") }),
  createRoute({ ...at, path: "/sources/$id/rejected", component: only(mayReadSources, "rejected") }),
  createRoute({ ...at, path: "/sensors", component: only(mayReadSensors, "sensors") }),
  createRoute({ ...at, path: "/sensors/parcels/$id", component: only(mayReadSensors, "parcel") }),
  createRoute({ ...at, path: "/rules", validateSearch: readRuleSearch, component: only(mayReadRules, "rules") }),
  createRoute({ ...at, path: "/rules/try", component: only(mayReadRules, "tryRule") }),
  createRoute({ ...at, path: "/rules/$id", component: only(mayReadRules, "rule") }),
  createRoute({ ...at, path: "/hunts", component: only(mayHunt, "hunts") }),
  createRoute({ ...at, path: "/hunts/automatic", component: only((me) => me.staff && mayHunt(me), "automatic") }),
  createRoute({ ...at, path: "/hunts/kept", component: only(mayReadKept, "kept") }),
  createRoute({ ...at, path: "/hunts/$id", component: only(mayHunt, "hunt") }),
  createRoute({ ...at, path: "/sharing", component: only(mayOpenSharing, "sharing") }),
  createRoute({ ...at, path: "/sharing/collections", component: only(mayReadCollections, "collections") }),
  createRoute({ ...at, path: "/sharing/collections/$id", component: only(mayReadCollections, "collection") }),
  createRoute({ ...at, path: "/sharing/$party", component: only(mayReadSharing, "preview") }),
  createRoute({ ...at, path: "/sharing/$party/lists", component: only(mayOpenSharing, "lists") }),
  createRoute({ ...at, path: "/sharing/$party/webhooks", component: only(mayOpenSharing, "webhooks") }),
]);

export const router = createRouter({ routeTree: routes, scrollRestoration: false, defaultPreload: "intent" });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
