import type { TSchema } from "typebox";
import { CollectionAct, CollectionActed, CollectionList, CollectionNew, CollectionRow } from "#api/collection.ts";
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
import { AdvisoryDetail, AdvisoryPage, AdvisoryRow } from "#api/advisory.ts";
import { Because, FindingAct, FindingAnswer, FindingDetail, FindingPage, FindingRow } from "#api/finding.ts";
import { Health, Readiness } from "#api/health.ts";
import { ProblemDocument } from "#api/problem.ts";
import { IndicatorDetail, IndicatorPage, IndicatorRow } from "#api/indicator.ts";
import { IntakeNew, IntakeReceipt, RejectedPage } from "#api/intake.ts";
import { ExclusionEnd, ExclusionList, ExclusionNew, ExclusionRow, Judged, Verdict } from "#api/indicator-care.ts";
import { Scorecard } from "#api/scorecard.ts";
import { Light, Me, SignIn } from "#api/session.ts";
import {
  LedgerPage,
  PreviewPage,
  PreviewValue,
  SavedListNew,
  SharingParty,
  SharingPartyList,
  SharingSetup,
  WebhookNew,
  WebhookRow,
} from "#api/sharing.ts";
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
  Scorecard,
  Verdict,
  Judged,
  ExclusionRow,
  ExclusionList,
  ExclusionNew,
  ExclusionEnd,
  AdvisoryRow,
  AdvisoryPage,
  AdvisoryDetail,
  IndicatorRow,
  IndicatorPage,
  IndicatorDetail,
  IntakeNew,
  IntakeReceipt,
  RejectedPage,
  SharingParty,
  SharingPartyList,
  PreviewValue,
  PreviewPage,
  LedgerPage,
  SavedListNew,
  WebhookNew,
  WebhookRow,
  SharingSetup,
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
  CollectionRow,
  CollectionList,
  CollectionNew,
  CollectionAct,
  CollectionActed,
  Health,
  Readiness,
];
