import { feed as abusechFeodo } from "./abusech-feodo/feed.ts";
import { feed as abusechFeodoJson } from "./abusech-feodo-json/feed.ts";
import { feed as abusechFeodoPage } from "./abusech-feodo-page/feed.ts";
import { feed as abusechMalwarebazaar } from "./abusech-malwarebazaar/feed.ts";
import { feed as abusechSslblAddresses } from "./abusech-sslbl-addresses/feed.ts";
import { feed as abusechSslblCertificates } from "./abusech-sslbl-certificates/feed.ts";
import { feed as abusechThreatfox } from "./abusech-threatfox/feed.ts";
import { feed as abusechThreatfoxJson } from "./abusech-threatfox-json/feed.ts";
import { feed as abusechUrlhaus } from "./abusech-urlhaus/feed.ts";
import { feed as abusechYaraify } from "./abusech-yaraify/feed.ts";
import { feed as alienvaultOtx } from "./alienvault-otx/feed.ts";
import { feed as alienvaultReputation } from "./alienvault-reputation/feed.ts";
import { feed as bambenek } from "./bambenek/feed.ts";
import { feed as binarydefenseArtillery } from "./binarydefense-artillery/feed.ts";
import { feed as blocklistde } from "./blocklistde/feed.ts";
import { feed as bluelivCrimeserver } from "./blueliv-crimeserver/feed.ts";
import { feed as bruteforceblocker } from "./bruteforceblocker/feed.ts";
import { feed as c2intel } from "./c2intel/feed.ts";
import { feed as certEuReports } from "./cert-eu-reports/feed.ts";
import { feed as certPlHole } from "./cert-pl-hole/feed.ts";
import { feed as certPlShield } from "./cert-pl-shield/feed.ts";
import { feed as certstream } from "./certstream/feed.ts";
import { feed as cinsArmy } from "./cins-army/feed.ts";
import { feed as cisaKev } from "./cisa-kev/feed.ts";
import { feed as csafDocument } from "./csaf-document/feed.ts";
import { feed as csafProvider } from "./csaf-provider/feed.ts";
import { feed as cveRecord } from "./cve-record/feed.ts";
import { feed as cybercrimeTracker } from "./cybercrime-tracker/feed.ts";
import { feed as cymruCap } from "./cymru-cap/feed.ts";
import { feed as cymruFullbogonsV4 } from "./cymru-fullbogons-v4/feed.ts";
import { feed as cymruFullbogonsV6 } from "./cymru-fullbogons-v6/feed.ts";
import { feed as dataplane } from "./dataplane/feed.ts";
import { feed as dshieldBlock } from "./dshield-block/feed.ts";
import { feed as dynPonmocup } from "./dyn-ponmocup/feed.ts";
import { feed as emergingthreatsCompromised } from "./emergingthreats-compromised/feed.ts";
import { feed as esetEti } from "./eset-eti/feed.ts";
import { feed as firstEpss } from "./first-epss/feed.ts";
import { feed as fraunhoferDgarchive } from "./fraunhofer-dgarchive/feed.ts";
import { feed as freeText } from "./free-text/feed.ts";
import { feed as genericDelimited } from "./generic-delimited/feed.ts";
import { feed as genericHtmlTable } from "./generic-html-table/feed.ts";
import { feed as genericJson } from "./generic-json/feed.ts";
import { feed as genericKeyValue } from "./generic-key-value/feed.ts";
import { feed as genericLines } from "./generic-lines/feed.ts";
import { feed as genericReports } from "./generic-reports/feed.ts";
import { feed as greensnow } from "./greensnow/feed.ts";
import { feed as hibpCallback } from "./hibp-callback/feed.ts";
import { feed as intake } from "./intake/feed.ts";
import { feed as mailReport } from "./mail-report/feed.ts";
import { feed as malwarepatrolUrls } from "./malwarepatrol-urls/feed.ts";
import { feed as mcafeeAtd } from "./mcafee-atd/feed.ts";
import { feed as microsoftCtip } from "./microsoft-ctip/feed.ts";
import { feed as mispEvent } from "./misp-event/feed.ts";
import { feed as mispFeed } from "./misp-feed/feed.ts";
import { feed as mispGalaxy } from "./misp-galaxy/feed.ts";
import { feed as mitreAttack } from "./mitre-attack/feed.ts";
import { feed as n6Events } from "./n6-events/feed.ts";
import { feed as n6Threats } from "./n6-threats/feed.ts";
import { feed as nistNvd } from "./nist-nvd/feed.ts";
import { feed as openphish } from "./openphish/feed.ts";
import { feed as phishingArmy } from "./phishing-army/feed.ts";
import { feed as phishtank } from "./phishtank/feed.ts";
import { feed as rssAdvisories } from "./rss-advisories/feed.ts";
import { feed as sblam } from "./sblam/feed.ts";
import { feed as shadowserver } from "./shadowserver/feed.ts";
import { feed as shodanBanners } from "./shodan-banners/feed.ts";
import { feed as spamhausAsndrop } from "./spamhaus-asndrop/feed.ts";
import { feed as spamhausCert } from "./spamhaus-cert/feed.ts";
import { feed as spamhausDropText } from "./spamhaus-drop-text/feed.ts";
import { feed as spamhausDropV4 } from "./spamhaus-drop-v4/feed.ts";
import { feed as spamhausDropV6 } from "./spamhaus-drop-v6/feed.ts";
import { feed as stamparmIpsum } from "./stamparm-ipsum/feed.ts";
import { feed as stamparmMaltrail } from "./stamparm-maltrail/feed.ts";
import { feed as stixBundle } from "./stix-bundle/feed.ts";
import { feed as stopforumspam } from "./stopforumspam/feed.ts";
import { feed as strangerealDailyioc } from "./strangereal-dailyioc/feed.ts";
import { feed as surbl } from "./surbl/feed.ts";
import { feed as suricataRules } from "./suricata-rules/feed.ts";
import { feed as taxiiCollection } from "./taxii-collection/feed.ts";
import { feed as torExits } from "./tor-exits/feed.ts";
import { feed as torOnionoo } from "./tor-onionoo/feed.ts";
import { feed as tuDresdenResolvers } from "./tu-dresden-resolvers/feed.ts";
import { feed as turrisGreylist } from "./turris-greylist/feed.ts";
import { feed as viribackTracker } from "./viriback-tracker/feed.ts";
import { feed as withaDdosia } from "./witha-ddosia/feed.ts";
import { feed as zoneHDefacements } from "./zone-h-defacements/feed.ts";
import type { Feed } from "./feed.ts";

/** Every feed, by id; a test keeps it equal to the folders. */
export const feeds: readonly Feed[] = [
  abusechFeodo,
  abusechFeodoJson,
  abusechFeodoPage,
  abusechMalwarebazaar,
  abusechSslblAddresses,
  abusechSslblCertificates,
  abusechThreatfox,
  abusechThreatfoxJson,
  abusechUrlhaus,
  abusechYaraify,
  alienvaultOtx,
  alienvaultReputation,
  bambenek,
  binarydefenseArtillery,
  blocklistde,
  bluelivCrimeserver,
  bruteforceblocker,
  c2intel,
  certEuReports,
  certPlHole,
  certPlShield,
  certstream,
  cinsArmy,
  cisaKev,
  csafDocument,
  csafProvider,
  cveRecord,
  cybercrimeTracker,
  cymruCap,
  cymruFullbogonsV4,
  cymruFullbogonsV6,
  dataplane,
  dshieldBlock,
  dynPonmocup,
  emergingthreatsCompromised,
  esetEti,
  firstEpss,
  fraunhoferDgarchive,
  freeText,
  genericDelimited,
  genericHtmlTable,
  genericJson,
  genericKeyValue,
  genericLines,
  genericReports,
  greensnow,
  hibpCallback,
  intake,
  mailReport,
  malwarepatrolUrls,
  mcafeeAtd,
  microsoftCtip,
  mispEvent,
  mispFeed,
  mispGalaxy,
  mitreAttack,
  n6Events,
  n6Threats,
  nistNvd,
  openphish,
  phishingArmy,
  phishtank,
  rssAdvisories,
  sblam,
  shadowserver,
  shodanBanners,
  spamhausAsndrop,
  spamhausCert,
  spamhausDropText,
  spamhausDropV4,
  spamhausDropV6,
  stamparmIpsum,
  stamparmMaltrail,
  stixBundle,
  stopforumspam,
  strangerealDailyioc,
  surbl,
  suricataRules,
  taxiiCollection,
  torExits,
  torOnionoo,
  tuDresdenResolvers,
  turrisGreylist,
  viribackTracker,
  withaDdosia,
  zoneHDefacements,
];

export const feedById: ReadonlyMap<string, Feed> = new Map(feeds.map((feed) => [feed.id, feed]));
