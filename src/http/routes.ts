import type { Registry } from "prom-client";
import type { ChangeStreams } from "./change-stream.ts";
import type { Lockout } from "./lockout.ts";
import type { PortalFiles } from "./portal-files.ts";
import type { Route } from "./route.ts";
import { answerRoutes } from "./routes/answers.ts";
import { apiRoutes } from "./routes/api.ts";
import { communityRoutes } from "./routes/community.ts";
import { findingRoutes } from "./routes/findings.ts";
import { listRoutes } from "./routes/lists.ts";
import { portalRoutes } from "./routes/portal.ts";
import { processRoutes, type SecurityContact } from "./routes/process.ts";
import { sessionRoutes } from "./routes/session.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { streamRoutes } from "./routes/stream.ts";
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
    ...sourceRoutes,
    ...streamRoutes(parts.streams),
    ...communityRoutes,
    ...tokenRoutes,
    ...telemetryRoutes(),
    ...listRoutes,
    ...answerRoutes,
    ...processRoutes(parts.metrics, parts.security),
    ...apiRoutes(parts.document, () => table, parts.version),
    ...portalRoutes(parts.portal),
  ];
  return table;
};
