/** What one kind of error says (English; `words/` has the others), what HTTP answers, and when trying again may help. */
export interface ErrorKind {
  readonly says: string;
  /** HTTP status; 422 for rows of input, 5xx for the world. */
  readonly http: number;
  readonly retry: "never" | "soon" | "later";
}

/**
 * Every error of waglan, by station from left to right. A test keeps the table equal to docs/errors.md and to the
 * sentences in `words/`. Messages say what we could not do, quote the value, and say what was wanted.
 */
export const errors = {
  // core: values
  WGL_VALUE_EMPTY: { says: "Cannot read an empty value", http: 422, retry: "never" },
  WGL_VALUE_CONTROL: {
    says: 'Cannot read "{value}", it holds a control or invisible character',
    http: 422,
    retry: "never",
  },
  WGL_VALUE_KIND: { says: 'Cannot tell what kind of observable "{value}" is', http: 422, retry: "never" },
  WGL_VALUE_LONG: {
    says: "Cannot read a value of {length} characters, wanted at most {limit}",
    http: 422,
    retry: "never",
  },
  WGL_IP: { says: 'Cannot read IP address "{value}"', http: 422, retry: "never" },
  WGL_IP_RESERVED: { says: 'Cannot use "{value}" as an indicator, the range is {range}', http: 422, retry: "never" },
  WGL_CIDR: { says: 'Cannot read network "{value}"', http: 422, retry: "never" },
  WGL_CIDR_BROAD: {
    says: 'Cannot use network "{value}" as an indicator, it is wider than /{limit}',
    http: 422,
    retry: "never",
  },
  WGL_PORT: { says: 'Cannot read port in "{value}", wanted 1 to 65535', http: 422, retry: "never" },
  WGL_DOMAIN: { says: 'Cannot read domain name "{value}"', http: 422, retry: "never" },
  WGL_DOMAIN_BROAD: { says: 'Cannot use "{value}" as an indicator, it is a public suffix', http: 422, retry: "never" },
  WGL_URL: { says: 'Cannot read URL "{value}"', http: 422, retry: "never" },
  WGL_URL_SCHEME: { says: 'Cannot use URL scheme "{scheme}", wanted http, https or ftp', http: 422, retry: "never" },
  WGL_PATH: {
    says: 'Cannot read URL path "{value}", wanted one "/" and something after it',
    http: 422,
    retry: "never",
  },
  WGL_HASH: { says: 'Cannot read hash "{value}"', http: 422, retry: "never" },
  WGL_EMAIL: { says: 'Cannot read e-mail address "{value}"', http: 422, retry: "never" },
  WGL_ASN: { says: 'Cannot read AS number "{value}"', http: 422, retry: "never" },
  WGL_TIME: { says: 'Cannot read time "{value}", wanted ISO 8601', http: 422, retry: "never" },
  WGL_TLP: {
    says: 'Cannot read TLP "{value}", wanted clear, green, amber, amber+strict or red',
    http: 422,
    retry: "never",
  },
  WGL_GRADE: { says: 'Cannot read grade "{value}", wanted A to F and 1 to 6', http: 422, retry: "never" },
  // jobs
  WGL_SENSOR_UNKNOWN: { says: 'Cannot find "{sensor}" among the sensors and organisations', http: 404, retry: "never" },
  WGL_PERSON_UNKNOWN: { says: 'Cannot find a person "{person}" in the directory', http: 404, retry: "never" },
  WGL_USER_UNKNOWN: { says: 'Cannot find a user "{name}" that is not disabled', http: 404, retry: "never" },
  WGL_TOKEN_UNKNOWN: { says: 'Cannot find a token "{prefix}" that is in force', http: 404, retry: "never" },
  WGL_CURSOR: { says: "Cannot read on from this cursor, wanted one that this list gave", http: 422, retry: "never" },
  WGL_TOKEN_PERMISSION: { says: 'Cannot give a token the permission "{permission}" here', http: 422, retry: "never" },
  WGL_TOKEN_UNTIL: { says: "Cannot make a token that runs out before it is used", http: 422, retry: "never" },
  WGL_CONFIG_FEEDS: { says: "Cannot use the configured feeds: {reason}", http: 500, retry: "never" },
  WGL_CONFIG_FOLDER: { says: "Cannot read the folder {path}", http: 500, retry: "never" },
  WGL_ACT_NOW: { says: 'Cannot do "{act}" with a finding that is {state}', http: 409, retry: "never" },
  WGL_ACT_REASON: { says: 'Cannot do "{act}" without a reason', http: 422, retry: "never" },
  WGL_ACT_UNTIL: { says: "Cannot snooze without a time that is still to come", http: 422, retry: "never" },
  WGL_SOURCE_ACT: { says: 'Cannot do "{act}" with a source that is {state}', http: 409, retry: "never" },
  WGL_FEED_ANSWER: { says: "Cannot fetch {feed}, the server answered {status}", http: 502, retry: "later" },
  WGL_FEED_FILE: { says: "Cannot read {path} for feed {feed}: {reason}", http: 502, retry: "later" },
  WGL_BATCH_SIZE: { says: "Cannot read the batch, it unpacks to more than {limit} bytes", http: 413, retry: "never" },
  WGL_BATCH_OURS: {
    says: "Cannot match the batch, waglan fails on it; it is put aside and counted",
    http: 500,
    retry: "never",
  },
  WGL_BATCH_SENSOR: {
    says: "Cannot read the batch, its sensor is no longer in the directory",
    http: 422,
    retry: "never",
  },
  // (station sections below; add yours, do not rename)
  // feeds: a body that is not what its feed promises (nothing of it is used)
  WGL_BODY_EMPTY: { says: "Cannot use an empty body", http: 422, retry: "later" },
  WGL_BODY_BINARY: { says: "Cannot read the body, it is not text", http: 422, retry: "later" },
  WGL_BODY_MARKUP: { says: "Cannot use the body, it is a web page and not a list", http: 422, retry: "later" },
  WGL_BODY_JSON: { says: "Cannot use the body, it is a JSON answer and not a list", http: 422, retry: "later" },
  WGL_BODY_LARGE: { says: "Cannot unpack the body, it holds more than {limit} bytes", http: 422, retry: "never" },
  WGL_BODY_RATIO: {
    says: "Cannot unpack the body, it grows more than {limit} times",
    http: 422,
    retry: "never",
  },
  WGL_BODY_NESTED: { says: "Cannot use the body, it is packed more than once", http: 422, retry: "never" },
  WGL_BODY_GZIP: { says: "Cannot unpack the body, its gzip stream is broken ({code})", http: 422, retry: "later" },
  WGL_BODY_ZIP: { says: "Cannot unpack the body, its zip archive is broken ({code})", http: 422, retry: "later" },
  WGL_BODY_TAR: { says: "Cannot unpack the body, its tar archive is broken ({code})", http: 422, retry: "later" },
  WGL_BODY_ENTRIES: {
    says: "Cannot use an archive of {entries} entries, wanted at most {limit}",
    http: 422,
    retry: "never",
  },
  WGL_BODY_ENTRY: { says: 'Cannot use the archive, entry "{name}" leaves its folder', http: 422, retry: "never" },
  WGL_BODY_SYNTAX: { says: "Cannot read the body as JSON: {reason}", http: 422, retry: "later" },
  WGL_BODY_DEPTH: { says: "Cannot read JSON nested deeper than {limit} levels", http: 422, retry: "never" },
  WGL_BODY_SHAPE: { says: "Cannot use the JSON body, wanted {wanted}", http: 422, retry: "later" },
  WGL_BODY_QUOTE: { says: "Cannot read the table, a quotation mark is never closed", http: 422, retry: "later" },
  WGL_BODY_COLUMN: { says: 'Cannot read the table, column "{column}" is missing', http: 422, retry: "later" },
  WGL_BODY_SHORT: {
    says: "Cannot use the list, it holds {rows} rows and its trailer says {wanted}",
    http: 422,
    retry: "later",
  },
  WGL_BODY_FEED: { says: 'Cannot find feed "{feed}"', http: 404, retry: "never" },
  // feeds: a row
  WGL_ROW_LONG: { says: "Cannot read a row longer than {limit} bytes", http: 422, retry: "never" },
  WGL_ROW_CELLS: { says: "Cannot read a row of {cells} cells, wanted {wanted}", http: 422, retry: "never" },
  WGL_ROW_JSON: { says: "Cannot read the row as a JSON object", http: 422, retry: "never" },
  WGL_ROW_FIELD: { says: 'Cannot find field "{field}" in the row', http: 422, retry: "never" },
  WGL_ROW_SCORE: { says: 'Cannot read score "{value}", wanted a whole number', http: 422, retry: "never" },
  WGL_ROW_TIME: {
    says: 'Cannot use time "{value}", the moment of collection stands instead',
    http: 422,
    retry: "never",
  },
  WGL_ROW_TRAIL: {
    says: 'Cannot read trail "{value}", it is no address, network, domain, URL or path',
    http: 422,
    retry: "never",
  },
  WGL_ROW_REGEX: {
    says: 'Cannot use expression "{value}", it is not in the subset that runs in linear time',
    http: 422,
    retry: "never",
  },
  // feeds: guards
  WGL_FEED_REJECTS: {
    says: "Cannot trust the list, {rejected} of {rows} rows were rejected",
    http: 422,
    retry: "later",
  },
  WGL_FEED_SHRUNK: {
    says: "Cannot take the list unseen, it fell from {before} rows to {now}",
    http: 422,
    retry: "later",
  },
  WGL_FEED_GREW: {
    says: "Cannot take the list unseen, it rose from {before} rows to {now}",
    http: 422,
    retry: "later",
  },
  // stix
  WGL_STIX_OBJECT: { says: 'Cannot read STIX object, wanted "{property}" as {wanted}', http: 422, retry: "never" },
  WGL_STIX_SELF: { says: 'Cannot use relationship "{id}", it points at itself', http: 422, retry: "never" },
  WGL_STIX_REVOKED: { says: 'Cannot use indicator "{id}", its author revoked it', http: 422, retry: "never" },
  WGL_STIX_PATTERN: { says: "Cannot read pattern at character {column}, wanted {wanted}", http: 422, retry: "never" },
  WGL_STIX_PATTERN_UNSUPPORTED: {
    says: "Cannot match {what} of pattern at character {column} yet",
    http: 422,
    retry: "never",
  },
  WGL_STIX_PATTERN_TYPE: { says: 'Cannot match patterns of type "{type}" yet', http: 422, retry: "never" },
  // community
  WGL_MARKING_GROUPS: {
    says: "Cannot make one object from rows of {count} groups, nobody is known to be in all of them",
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_SYNTAX: { says: "Cannot read the directory file: {reason}", http: 422, retry: "never" },
  WGL_DIRECTORY_SIZE: {
    says: "Cannot read a directory file of {length} bytes, wanted at most {limit}",
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_TEXT: { says: "Cannot read the directory file, it is not UTF-8", http: 422, retry: "never" },
  WGL_DIRECTORY_ALIAS: {
    says: "Cannot use YAML anchors, aliases or tags in a directory file",
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_KEY: { says: 'Cannot use "{key}" here, wanted one of {wanted}', http: 422, retry: "never" },
  WGL_DIRECTORY_KEY_TWICE: { says: 'Cannot use "{key}" twice in one place', http: 422, retry: "never" },
  WGL_DIRECTORY_MISSING: { says: 'Cannot do without "{key}" here', http: 422, retry: "never" },
  WGL_DIRECTORY_SHAPE: { says: 'Cannot read "{key}", wanted {wanted}', http: 422, retry: "never" },
  WGL_DIRECTORY_WORD: { says: 'Cannot use {key} "{value}", wanted one of {wanted}', http: 422, retry: "never" },
  WGL_DIRECTORY_ID: {
    says: 'Cannot use id "{value}", wanted at most 64 lower-case letters, digits and single hyphens',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_TWICE: {
    says: 'Cannot use {kind} "{value}" twice, it stands in {first} already',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_UNKNOWN: { says: 'Cannot find organisation "{value}" in the directory', http: 422, retry: "never" },
  WGL_DIRECTORY_CIRCLE: { says: 'Cannot put "{value}" below itself', http: 422, retry: "never" },
  WGL_DIRECTORY_PERIOD: {
    says: "Cannot use a period that ends at {to}, before it begins at {from}",
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_ROLE: {
    says: 'Cannot give the staff role "{value}" in "{organisation}", only the community\'s anchor has staff',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_ZONE: {
    says: 'Cannot find time zone "{value}", wanted an IANA name such as Asia/Hong_Kong',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_PHONE: {
    says: 'Cannot read telephone number "{value}", wanted + and 5 to 15 digits',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_COLUMNS: { says: "Cannot read {count} columns, wanted {wanted}", http: 422, retry: "never" },
  WGL_NETWORK_HOST_BITS: {
    says: 'Cannot use network "{value}", it has host bits: wanted "{wanted}"',
    http: 422,
    retry: "never",
  },
  WGL_ASSET_BROAD: {
    says: 'Cannot take "{value}" as one organisation\'s asset, it is {why}',
    http: 422,
    retry: "never",
  },
  WGL_DIRECTORY_PERSON: { says: 'Cannot find person "{value}" in the directory', http: 422, retry: "never" },
  WGL_DIRECTORY_MORE: { says: "Cannot list {count} more problems of this file", http: 422, retry: "never" },
  WGL_PRODUCT: { says: 'Cannot read product "{value}", wanted a CPE 2.3 name', http: 422, retry: "never" },
  // telemetry: lines, formats, Suricata EVE
  WGL_LINE_LONG: { says: "Cannot read a line of {length} bytes, wanted at most {limit}", http: 422, retry: "never" },
  WGL_FORMAT_UNKNOWN: { says: "Cannot tell the format of {file}, wanted one of {formats}", http: 422, retry: "never" },
  WGL_EVE_JSON: { says: 'Cannot read "{value}" as a JSON object', http: 422, retry: "never" },
  WGL_EVE_KEY: { says: 'Cannot use a record with the key "{key}"', http: 422, retry: "never" },
  WGL_EVE_EVENT: { says: "Cannot use an EVE record without event_type", http: 422, retry: "never" },
  // intel: the match index's snapshot
  WGL_INDEX_DAMAGED: {
    says: "Cannot use the index snapshot, {what} is wrong: it is built anew",
    http: 503,
    retry: "never",
  },
  WGL_INDEX_VERSION: {
    says: "Cannot use index snapshot version {found}, wanted {wanted}: it is built anew",
    http: 503,
    retry: "never",
  },
  WGL_INDEX_SECRET: {
    says: "Cannot use the index snapshot, it was made under another secret: it is built anew",
    http: 503,
    retry: "never",
  },
  // telemetry: Zeek
  WGL_ZEEK_HEADER: { says: "Cannot read a Zeek row before its #fields line", http: 422, retry: "never" },
  WGL_ZEEK_COLUMNS: { says: "Cannot read a Zeek row of {found} columns, wanted {wanted}", http: 422, retry: "never" },
  WGL_ZEEK_VALUE: { says: 'Cannot read "{value}" in Zeek field {field}, wanted {type}', http: 422, retry: "never" },
  WGL_ZEEK_TIME: { says: 'Cannot read Zeek time "{value}", wanted seconds since 1970', http: 422, retry: "never" },
  WGL_ZEEK_JSON: { says: 'Cannot read "{value}" as a JSON object', http: 422, retry: "never" },
  WGL_ZEEK_KEY: { says: 'Cannot use a record with the key "{key}"', http: 422, retry: "never" },
  // store: the engine of state, its migrations, backup
  WGL_DATA_IN_USE: {
    says: 'Cannot use data folder "{folder}", another waglan holds it',
    http: 503,
    retry: "later",
  },
  WGL_DATA_FOLDER: { says: 'Cannot use data folder "{folder}", {reason}', http: 503, retry: "never" },
  WGL_ENGINE_MISSING: {
    says: "Cannot find the embedded PostgreSQL for {platform}, wanted package {package} or WAGLAN_DATABASE_URL",
    http: 503,
    retry: "never",
  },
  WGL_ENGINE_START: { says: "Cannot start the embedded PostgreSQL: {reason}", http: 503, retry: "later" },
  WGL_ENGINE_VERSION: {
    says: 'Cannot open state of PostgreSQL {found} in "{folder}" with PostgreSQL {wanted}, wanted a backup by the old and a restore by the new',
    http: 503,
    retry: "never",
  },
  WGL_STATE_GONE: { says: "Cannot reach the database of state", http: 503, retry: "soon" },
  WGL_STATE_REFUSED: { says: "Cannot open the database of state: {reason}", http: 503, retry: "never" },
  WGL_STATE_OLD: { says: "Cannot use PostgreSQL {found}, wanted {wanted} or newer", http: 503, retry: "never" },
  WGL_STATE_NUMBER: {
    says: 'Cannot read "{value}" as a number without losing digits',
    http: 500,
    retry: "never",
  },
  WGL_MIGRATION_CHANGED: {
    says: "Cannot migrate, step {number} ({name}) differs from the one this database had",
    http: 503,
    retry: "never",
  },
  WGL_MIGRATION_UNKNOWN: {
    says: "Cannot migrate, the database has step {number} and this program knows {known}: the database is newer",
    http: 503,
    retry: "never",
  },
  WGL_BACKUP_FOLDER: { says: 'Cannot write a backup to "{folder}", {reason}', http: 503, retry: "never" },
  WGL_BACKUP_MANIFEST: { says: 'Cannot read the backup in "{folder}", {reason}', http: 422, retry: "never" },
  WGL_BACKUP_DAMAGED: { says: 'Cannot restore table "{table}", {reason}', http: 422, retry: "never" },
  WGL_BACKUP_MIGRATIONS: {
    says: "Cannot restore a backup of migration {found} into a database of migration {wanted}",
    http: 422,
    retry: "never",
  },
  WGL_RESTORE_NOT_EMPTY: { says: 'Cannot restore over rows of table "{table}"', http: 422, retry: "never" },
  // history: the engine of records and observations
  WGL_HISTORY_GONE: { says: "Cannot reach history: {reason}", http: 503, retry: "soon" },
  WGL_HISTORY_OFF: { says: "Cannot ask history, it is off: {reason}", http: 503, retry: "never" },
  WGL_HISTORY_QUERY: {
    says: "Cannot run a query of history (ClickHouse code {code}): {reason}",
    http: 500,
    retry: "never",
  },
  // community: passwords
  WGL_PASSWORD_SHORT: {
    says: "Cannot use a password of {length} characters, wanted at least {least}",
    http: 422,
    retry: "never",
  },
  WGL_PASSWORD_LONG: {
    says: "Cannot use a password of {length} bytes, wanted at most {most}",
    http: 422,
    retry: "never",
  },
  WGL_PASSWORD_NAME: { says: "Cannot use a password that holds the account's name", http: 422, retry: "never" },
  // net: egress
  WGL_EGRESS_URL: {
    says: 'Cannot fetch "{url}", wanted an absolute http or https URL without credentials',
    http: 422,
    retry: "never",
  },
  WGL_EGRESS_HOST: { says: 'Cannot fetch from "{host}", it is not on the allow-list', http: 403, retry: "never" },
  WGL_EGRESS_PORT: {
    says: "Cannot fetch from {host} at port {port}, the port is not allowed",
    http: 403,
    retry: "never",
  },
  WGL_EGRESS_ADDRESS: {
    says: "Cannot fetch from {host}, its address {address} is special: {range}",
    http: 403,
    retry: "never",
  },
  WGL_EGRESS_NAME: { says: "Cannot find the address of {host}", http: 502, retry: "later" },
  WGL_EGRESS_REDIRECTS: { says: "Cannot fetch {url}, it redirects more than {limit} times", http: 502, retry: "later" },
  WGL_EGRESS_DOWNGRADE: { says: "Cannot follow {from} from https to {to}", http: 502, retry: "later" },
  WGL_EGRESS_LARGE: { says: "Cannot fetch {url}, it is larger than {limit} bytes", http: 502, retry: "later" },
  WGL_EGRESS_DEADLINE: { says: "Cannot fetch within {seconds} seconds", http: 504, retry: "later" },
  WGL_EGRESS_BROKEN: { says: "Cannot fetch {url}, the connection failed ({why})", http: 502, retry: "later" },
  // alerts: answer links
  WGL_ANSWER_LINK: { says: "Cannot use this answer link, it is broken or not from us", http: 404, retry: "never" },
  WGL_ANSWER_EXPIRED: { says: "Cannot use this answer link, it has expired", http: 410, retry: "never" },
  WGL_ANSWER_UNKNOWN: {
    says: 'Cannot read answer "{value}", wanted acknowledged, need-help, not-ours, false or fixed',
    http: 422,
    retry: "never",
  },
  // http: requests
  WGL_ABSENT: { says: "Cannot find this; it is not here, or not for you", http: 404, retry: "never" },
  WGL_HTTP_METHOD: { says: "Cannot use {method} here, wanted {allow}", http: 405, retry: "never" },
  WGL_HTTP_INPUT: { says: "Cannot use this request, wrong places: {count}", http: 400, retry: "never" },
  WGL_HTTP_MISSING: { says: 'Cannot do without "{name}"', http: 400, retry: "never" },
  WGL_HTTP_EXTRA: { says: 'Cannot use "{name}", it is not known here', http: 400, retry: "never" },
  WGL_HTTP_VALUE: { says: "Cannot use the value here, wanted {wanted}", http: 400, retry: "never" },
  WGL_HTTP_MALFORMED: { says: "Cannot read this as an HTTP request", http: 400, retry: "never" },
  WGL_HTTP_JSON: { says: "Cannot read the body as JSON", http: 400, retry: "never" },
  WGL_HTTP_KEY: { says: "Cannot read JSON with a key that names a prototype", http: 400, retry: "never" },
  WGL_HTTP_DEEP: { says: "Cannot read JSON nested deeper than {limit} levels", http: 400, retry: "never" },
  WGL_HTTP_LARGE: { says: "Cannot take a body over {limit} bytes", http: 413, retry: "never" },
  WGL_HTTP_MEDIA: { says: "Cannot read a body of this type, wanted {wanted}", http: 415, retry: "never" },
  WGL_HTTP_HEADERS: { says: "Cannot read headers over {limit} bytes", http: 431, retry: "never" },
  WGL_HTTP_SLOW: { says: "Cannot wait longer for the rest of the request", http: 408, retry: "soon" },
  WGL_HTTP_SIGNED_OUT: { says: "Cannot do this before you sign in", http: 401, retry: "never" },
  WGL_HTTP_TOKEN: { says: "Cannot do this without a token that is valid here", http: 401, retry: "never" },
  WGL_HTTP_FORBIDDEN: { says: "Cannot do this with the permissions you have", http: 403, retry: "never" },
  WGL_HTTP_CROSS_SITE: {
    says: "Cannot take this request, it did not come from waglan's own pages",
    http: 403,
    retry: "never",
  },
  WGL_HTTP_BUSY: { says: "Cannot take more now, try again in {seconds} seconds", http: 429, retry: "soon" },
  WGL_HTTP_DOWN: { says: "Cannot answer now, a part of the platform is down", http: 503, retry: "soon" },
  WGL_HTTP_OURS: { says: "Cannot answer, the fault is ours", http: 500, retry: "later" },
  WGL_SIGN_IN: { says: "Cannot sign in with this name and password", http: 401, retry: "never" },
  WGL_SIGN_IN_TRIES: {
    says: "Cannot sign in now after so many tries, wait {seconds} seconds",
    http: 429,
    retry: "later",
  },
  WGL_BATCH_EMPTY: { says: "Cannot take an empty batch", http: 400, retry: "never" },
  WGL_BATCH_ENCODING: {
    says: 'Cannot read Content-Encoding "{encoding}", wanted gzip or identity',
    http: 415,
    retry: "never",
  },
  WGL_BATCH_GZIP: { says: "Cannot read the body as gzip", http: 400, retry: "never" },
  WGL_HTTP_IDEMPOTENCY: {
    says: "Cannot use this Idempotency-Key, wanted 1 to 128 letters, digits or any of -._:~",
    http: 400,
    retry: "never",
  },
  WGL_BATCH_KEY_REUSED: {
    says: "Cannot take this batch, its Idempotency-Key came before with another body",
    http: 409,
    retry: "never",
  },
  WGL_TLS_HALF: {
    says: "Cannot listen on {host} in clear, wanted a certificate and key, a named proxy, or a loopback address",
    http: 500,
    retry: "never",
  },
  // jobs: configuration
  WGL_CONFIG_FILE: { says: 'Cannot read configuration file "{file}" ({code})', http: 500, retry: "never" },
  WGL_CONFIG_SYNTAX: { says: "Cannot read the configuration as YAML: {reason}", http: 500, retry: "never" },
  WGL_CONFIG_KEY: { says: 'Cannot use key "{key}" here, wanted one of {wanted}', http: 500, retry: "never" },
  WGL_CONFIG_TWICE: { says: 'Cannot use {key} "{value}" twice', http: 500, retry: "never" },
  WGL_CONFIG_VALUE: { says: 'Cannot use "{value}" as {key}, wanted {wanted}', http: 500, retry: "never" },
  WGL_CONFIG_NEEDS: { says: "Cannot use {key} without {other}", http: 500, retry: "never" },
  // cli
  WGL_OPTION: { says: 'Cannot use "{value}" as {option}, wanted {wanted}', http: 400, retry: "never" },
  WGL_INPUT_PATH: { says: 'Cannot read "{path}" ({code})', http: 422, retry: "never" },
  WGL_OUTPUT: { says: "Cannot write the output ({code})", http: 500, retry: "never" },
  WGL_SCAN_NOTHING: { says: "Cannot scan, not one indicator was read", http: 422, retry: "never" },
  WGL_FEED_BUSY: { says: "Cannot read feed {feed} now, another process is at it", http: 503, retry: "soon" },
  WGL_NO_CHECKOUT: { says: "Cannot run {what} outside a checkout of waglan", http: 400, retry: "never" },
  WGL_NAME_UNKNOWN: { says: 'Cannot find {what} "{value}"', http: 404, retry: "never" },
  WGL_NAME_TAKEN: { says: 'Cannot make {what} "{value}", it is there already', http: 409, retry: "never" },
  WGL_OURS: { says: "Cannot go on, the fault is ours: {reason}", http: 500, retry: "never" },
} as const;
void (errors satisfies Record<`WGL_${string}`, ErrorKind>);

export type ErrorCode = keyof typeof errors;
