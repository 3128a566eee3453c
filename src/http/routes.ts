import type { Registry } from "prom-client";
import type { ChangeStreams } from "./change-stream.ts";
import type { Lockout } from "./lockout.ts";
import type { PortalFiles } from "./portal-files.ts";
import type { Route } from "./route.ts";
import { advisoryRoutes } from "./routes/advisories.ts";
import { answerRoutes } from "./routes/answers.ts";
import { apiRoutes } from "./routes/api.ts";
import { collectionRoutes } from "./routes/collections.ts";
import { communityRoutes } from "./routes/community.ts";
import { findingRoutes } from "./routes/findings.ts";
import { huntRoutes } from "./routes/hunts.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { careRoutes } from "./routes/indicator-care.ts";
import { indicatorRoutes } from "./routes/indicators.ts";
import { inventoryRoutes } from "./routes/inventories.ts";
import { intakeRoutes } from "./routes/intake.ts";
import { keptRoutes } from "./routes/kept.ts";
import { listRoutes } from "./routes/lists.ts";
import { newsRoutes } from "./routes/news.ts";
import { mispRoutes } from "./routes/misp.ts";
import { portalRoutes } from "./routes/portal.ts";
import { processRoutes, type SecurityContact } from "./routes/process.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { sensorRoutes } from "./routes/sensor.ts";
import { sessionRoutes } from "./routes/session.ts";
import { sharingRoutes } from "./routes/sharing.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { streamRoutes } from "./routes/stream.ts";
import { taxiiRoutes } from "./routes/taxii.ts";
import { telemetryRoutes } from "./routes/telemetry.ts";
import { tokenRoutes } from "./routes/tokens.ts";

/** What routes lean on beside the acts. */
export interface RouteParts {
  readonly lockout: Lockout;
  readonly streams: ChangeStreams;
  readonly metrics: Registry;
  readonly security: SecurityContact;
  readonly portal: PortalFiles;
  readonly version: string;
  /** The OpenAPI document, once all routes are there. */
  readonly document: () => object;
}

/** The route table: everything that can be asked over HTTP. A route that is not in it cannot be registered. */
export const routeTable = (parts: RouteParts): readonly Route[] => {
  const table: readonly Route[] = [
    ...sessionRoutes(parts.lockout),
    ...findingRoutes,
    ...incidentRoutes,
    ...sourceRoutes,
    ...ruleRoutes,
    ...careRoutes,
    ...advisoryRoutes,
    ...inventoryRoutes(),
    ...intakeRoutes,
    ...indicatorRoutes,
    ...huntRoutes,
    ...keptRoutes,
    ...streamRoutes(parts.streams),
    ...communityRoutes,
    ...tokenRoutes,
    ...telemetryRoutes(),
    ...sensorRoutes(),
    ...listRoutes,
    ...sharingRoutes,
    ...newsRoutes,
    ...collectionRoutes,
    ...taxiiRoutes(),
    ...mispRoutes(),
    ...answerRoutes,
    ...processRoutes(parts.metrics, parts.security),
    ...apiRoutes(parts.document, () => table, parts.version),
    ...portalRoutes(parts.portal),
  ];
  return table;
};
