import type { TSchema } from "typebox";
import {
  AssetEnd,
  AssetNew,
  AssetPage,
  AssetRow,
  DirectoryReceipt,
  OrganisationDetail,
  OrganisationList,
  OrganisationRow,
  PersonList,
  PersonRow,
  SensorList,
  SensorRow,
} from "#api/community.ts";
import { Because, FindingAct, FindingAnswer, FindingDetail, FindingPage, FindingRow } from "#api/finding.ts";
import { Health, Readiness } from "#api/health.ts";
import { ProblemDocument } from "#api/problem.ts";
import { Light, Me, SignIn } from "#api/session.ts";
import { SourceAct, SourceDetail, SourceList, SourceRow } from "#api/source.ts";
import { Status } from "#api/status.ts";
import { Change } from "#api/stream.ts";
import { BatchReceipt } from "#api/telemetry.ts";
import { TokenList, TokenMade, TokenNew, TokenRow } from "#api/token.ts";

/** Every schema with a name; they are the components of the OpenAPI document. */
export const components: readonly TSchema[] = [
  ProblemDocument,
  Light,
  SignIn,
  Me,
  FindingRow,
  FindingPage,
  Because,
  FindingDetail,
  FindingAct,
  FindingAnswer,
  SourceRow,
  SourceList,
  SourceDetail,
  SourceAct,
  Status,
  Change,
  OrganisationRow,
  OrganisationList,
  OrganisationDetail,
  PersonRow,
  PersonList,
  AssetRow,
  AssetPage,
  AssetNew,
  AssetEnd,
  SensorRow,
  SensorList,
  DirectoryReceipt,
  TokenRow,
  TokenList,
  TokenNew,
  TokenMade,
  BatchReceipt,
  Health,
  Readiness,
];
