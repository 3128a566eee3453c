import { either, type Sign } from "./sign.ts";

const kind = "sql";

/** Names that only a database knows. */
const catalogue = either(`
  xp_cmdshell xp_dirtree xp_regread xp_fileexist xp_servicecontrol xp_enumdsn xp_loginconfig xp_makecab xp_ntsec xp_terminate
  sp_executesql sp_oacreate sp_oamethod sp_oagetproperty sp_addextendedproc sp_sqlexec sp_execute sp_makewebtask sp_prepare
  sp_password sp_replwritetovarbin sp_configure sp_helpdb information_schema sysobjects syscolumns sysusers pg_catalog pg_class
  pg_user pg_shadow pg_database mysql\\.user mysql\\.db mysql\\.innodb_table_stats sqlite_master sqlite_temp_master all_tables
  all_tab_columns user_tables user_tab_columns msysaces msysobjects msysqueries dbms_\\w+ utl_http utl_inaddr utl_file
  openrowset openquery opendatasource rdb\\$relations current_user::\\w+ starts_with\\(password`);

/** Functions that nobody writes in prose, opening bracket and all. */
const functions = either(`
  sleep benchmark pg_sleep extractvalue updatexml load_file group_concat concat_ws make_set char_length character_length
  lpad rpad nullif ifnull coalesce row_count found_rows last_insert_id is_srvrolemember json_extract json_keys json_search
  json_array json_object to_char to_number to_base64 from_base64 unhex substring_index string_agg array_agg xmltype
  pg_read_file pg_ls_dir lo_get lo_import lo_export lo_from_bytea current_setting query_to_xml database_to_xml
  randomblob load_extension writefile readfile utl_inaddr\\.\\w+ ctxsys\\.\\w+ geometrycollection polygon multipoint
  multilinestring multipolygon linestring gtid_subset st_latfromgeohash field_name sysdate`);

/** Functions of arithmetic, text and time; the bracket stands right behind. */
const calculating = either(`
  abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg bin bit_and bit_length bit_or bit_xor cast ceil ceiling
  char charset coercibility collation compress concat connection_id convert_tz cos cot count crc32 cume_dist curdate curtime
  current_date current_time current_timestamp datediff date_add date_format date_sub dayname dayofmonth dayofweek dayofyear dense_rank
  des_decrypt des_encrypt encode encrypt export_set extract field find_in_set first_value format from_days from_unixtime get_format
  get_lock greatest hex inet6_aton inet_aton inet_ntoa insert instr interval is_free_lock is_used_lock isnull last_day lcase least
  left length ln localtime localtimestamp locate log10 log2 lower ltrim makedate maketime master_pos_wait md5 microsecond mid
  minute mod month monthname name_const now nvl oct octet_length old_password ord password percent_rank period_add period_diff
  pow power quarter quote radians rand rank regexp_like release_lock repeat replace reverse right round row_number rpad rtrim
  schema sec_to_time second sha sha1 sha2 sign sin soundex space sqrt stddev str_to_date strcmp strftime subdate substr substring
  subtime sum sysdate tan time_format time_to_sec timediff timestampadd timestampdiff to_days trim truncate ucase
  uncompress unix_timestamp upper user utc_date utc_time utc_timestamp uuid uuid_short var_pop variance version week weekday
  weekofyear yearweek`);

const verbs =
  "select|insert|update|delete|drop|alter|create|exec|execute|declare|shutdown|waitfor|truncate|replace|merge|grant|rename|handler";

export const sqlSigns: readonly Sign[] = [
  {
    kind,
    score: 1,
    needs: "( )+-'\"`",
    pattern: /\bunion\b[^\w\n]{1,6}(?:(?:all|distinct|distinctrow)\b[^\w\n]{0,6})?select\b/,
  },
  {
    kind,
    score: 0.95,
    needs: " ,*(",
    pattern: /\bselect\b ?(?:\*|[\w.@`"()'-]{1,60} ?,[^;\n]{1,120}?) ?\bfrom\b ?[\w`"[(.]/,
  },
  {
    ...{ kind, score: 0.9, needs: " (" },
    pattern:
      /(?:^|[=\n(;'")`] ?|\d |\band |\bor |\bnot |\bif )select\b ?\(?[\w.`"@*()]{1,60}\)? (?:as \w{1,30} )?from\b/,
  },
  {
    ...{ kind, score: 0.95, needs: "(@,'" },
    pattern:
      /\bselect\b ?(?:(?:if|sleep|char|chr|concat|count|user|version|database|pg_sleep|benchmark|load_file|group_concat|ascii|substr(?:ing)?|length|hex|unhex|min|max|sum|cast|convert|case|exists|name_const|row|elt) ?\(|@@|\( ?(?:select|\d|'|case)|(?:null|\d{1,6}|'[^'\n]{0,20}') ?,|0x[0-9a-f]{2})/,
  },
  {
    kind,
    score: 0.8,
    needs: ".,",
    pattern: /\b(?:except|intersect|union|minus) (?:all )?(?:select\b[.\s]\d|values ?\()/,
  },
  {
    ...{ kind, score: 0.95, needs: " " },
    pattern:
      /\b(?:insert (?:ignore )?into [\w.`"[\]]{1,60} ?(?:\(|values?\b|select\b|set\b)|delete from [\w.`"]{1,60}(?: where\b| ?;| ?--|')|alter table [\w.`"]{1,60} (?:add|drop|modify|rename|change|disable)\b|create (?:or replace )?(?:temporary )?(?:table|function|procedure|trigger|view) [\w.`"]{1,60} ?(?:\(|as |returns\b|after\b|before\b)|truncate table \w|update [\w.`"]{1,60} set [\w.`"]{1,60} ?=|drop (?:table|database|user|view|index|procedure|function|column) (?:if exists )?[\w.`"]{1,60} ?(?:;|--|#|cascade))/,
  },
  {
    kind,
    score: 0.85,
    needs: ";'\")",
    pattern: new RegExp(
      String.raw`[;'")] ?(?:${verbs})\b ?(?:[[(@*'"]|[\w.]{1,60} ?(?:[;('"=@[]|--|from\b|into\b|set\b|table\b|values\b|delay\b|as\b|\w{1,30} ?[;(])| ?;)`,
    ),
  },
  { kind, score: 0.85, needs: ";", pattern: new RegExp(String.raw`; ?(?:${verbs}) [\w ]{1,60}[;(]`) },
  { kind, score: 0.9, pattern: new RegExp(String.raw`\b(?:${catalogue})(?![\w-])`) },
  { kind, score: 0.9, needs: "(", pattern: new RegExp(String.raw`\b(?:${functions})(?:\(| \( ?[\d\'"(@-])`) },
  {
    ...{ kind, score: 0.85, needs: "(" },
    pattern:
      /\b(?:(?:user|version|database|schema|current_user|session_user|system_user|now)\( ?\) ?(?:=|,|<|>|\)|--|:|\|\||$)|if\( ?[\w.()'"@]{1,40} ?[=<>,]|char\( ?\d|chr\( ?\d|nchar\( ?\d|ascii\( ?\w|ord\( ?\w|mid\([^,)\n]{1,40},|substr(?:ing)?\([^,)\n]{1,40},|concat\([^)\n]{1,60},|elt\( ?\d|count\( ?(?:\*|\w{1,30} ?\) ?[<>=])|cast\([^)\n]{1,40} as |convert\([^)\n]{1,40}(?: using |,)|having (?:count|sum|min|max|avg) ?\(|exists ?\( ?select|md5\( ?\d|hex\([^)\n]{1,40}\) ?[=<>]|encode\([^)\n]{1,40},)/,
  },
  {
    ...{ kind, score: 0.95, needs: "'\"`)" },
    pattern:
      /['"`´’)] ?(?:(?:or|and|xor|having|where|not)\b|\|\||&&) ?[('"`!~@+-]{0,4} ?[\w.@]{1,40}['"`]? ?\)? ?(?:=|<|>|!=|--|#|;|\|\||like\b|rlike\b|regexp\b|in ?\(|between\b|is (?:not )?null|sounds\b)/,
  },
  {
    kind,
    score: 0.9,
    needs: "'\"`)",
    pattern:
      /['"`´)] ?(?:(?:or|and|xor|div|mod|rlike|regexp)\b|\|\||&&) ?[!~+-]{0,3} ?(?:[a-z]\w{1,40} ?\(|\d{1,9}(?: ?(?:--|#|;|\/|$|\n|['"`(])| (?:or|and)\b)|true\b|false\b|null\b|not |@@|exists\b|['"]{2})/,
  },
  {
    kind,
    score: 0.85,
    needs: "'\"`)",
    pattern:
      /(?:\) ?like ?\(|['"`] ?(?:glob|print|procedure|collate|waitfor|group by|order by|limit \d|having|where|is (?:not )?null|like ?['"(]|between \d)\b)/,
  },
  {
    ...{ kind, score: 0.9, needs: "=<>" },
    pattern:
      /(?:^|[=(\n])-?\d{1,12}['"`)]{0,3} ?(?:(?:or|and|xor|having|where)\b|\|\||&&) ?[!('"-]{0,4} ?[\w.@'"]{1,30}\)? ?(?:=|<|>|!=)/,
  },
  {
    kind,
    score: 0.8,
    needs: " ",
    pattern:
      /(?:=| )-?\d{1,12}['"`)]{0,3} (?:or|and|xor|\|\||&&) (?:[^\n\w]{0,6}[\w ]{0,24}[^\n\w]{0,6}(?:\btrue|\bfalse|\bnull)\b|not \d|\d{1,6} like |\d{1,6} (?:between|rlike|in ?\()|\{ ?\w{1,20} )/,
  },
  {
    kind,
    score: 0.75,
    needs: "=<>",
    in: ["query"],
    pattern: /[=('"]\d{1,12} ?(?:!=|<>|<=>|==?|>=|<=) ?\d{1,12}(?:$|[\s)'";-])/,
  },
  { kind, score: 0.75, needs: " ", in: ["query"], pattern: /[= ('"]\d{1,12} is (?:not )?(?:\d|null|true|false)/ },
  {
    kind,
    score: 0.8,
    needs: "'\"`",
    in: ["query"],
    pattern: /['`] ?(?:;|--|#|\|\|)|" ?(?:; ?(?:--|#|$|\n)|--(?: |$))|\d' ?'|' ?' ?\d|' ?[=<>] ?'|' ?\+ ?'|" ?\|\| ?"/,
  },
  { kind, score: 0.75, needs: "-", in: ["query"], pattern: /(?:['");] ?|\d )--(?: -| ?$| ?\n)/ },
  {
    ...{ kind, score: 0.85, needs: " @" },
    pattern:
      /@@[a-z]{3,40}\b|\binto (?:outfile|dumpfile)\b|\border by (?:\d{1,3} ?(?:--|#|, ?\d|;)|if ?\(|rand ?\(|\( ?(?:select|case))|\bgroup by [^\n]{1,60}\bhaving\b[^\n]{1,40}[=<>(]|\bprocedure analyse\b|\bfor xml (?:raw|auto|path)\b|\bhandler \w{1,40} (?:open|read)\b|\bwaitfor (?:delay|time)\b|\bcase (?:\w{1,30} )?when (?:\S{1,40}|[^\n]{1,60}[=<>(][^\n]{1,40}) then\b|\b(?:exec|execute) (?:xp_|sp_|master\b|immediate\b|@|\()|\bdeclare @|\bnot in ?\( ?select\b|\bin ?\( ?select\b|\bunion all\b ?\(/,
  },
  {
    kind,
    score: 0.9,
    needs: ":",
    pattern:
      /[\w)'"]::(?:int\d?|integer|bool|boolean|text|regclass|numeric|varchar|name|float\d?|json|bytea|oid|char)\b/,
  },
  { kind, score: 0.75, needs: "`", in: ["query"], pattern: /(?:^|[=\n])`[\w\s.,-]{1,60}`/ },
  {
    ...{ kind, score: 0.85, needs: "$" },
    pattern:
      /(?:\[|["'{.])\$(?:ne|eq|gte?|lte?|n?in|regex|where|exists|or|and|not|nor|size|all|elemmatch|type|mod|text|expr|jsonschema|slice|comment|rand|function|func|lookup|accumulator)\b/,
  },
  {
    kind,
    score: 0.7,
    needs: "_",
    in: ["query"],
    pattern:
      /(?:^|\n)[a-z]\w{0,60}__[a-z]\w{0,40}__(?:i?(?:startswith|endswith|contains|regex)|has_(?:any_)?keys?|contained_by)=/,
  },
  {
    kind,
    score: 0.75,
    needs: "(",
    in: ["query"],
    pattern: new RegExp(String.raw`(?:^|[=\n(,;' ])(?:${calculating})\((?!(?:e?s|ren|y|ies)\))[^\n]`),
  },
  { kind, score: 0.75, needs: "*", in: ["lines"], pattern: /\/\*[^*\n]{0,60}\*\/|\/\*[!+]/ },
  {
    kind,
    score: 0.7,
    needs: "0",
    in: ["query"],
    pattern:
      /=(?:-?2147483648|-2147483649|429496729[56]|0000012345|0000023456|2\.22507\d{0,20}e-308|1e309|-?9223372036854775808|0x[0-9a-f]{6,16})(?:$|\n)/,
  },
  {
    kind,
    score: 0.8,
    needs: " ",
    in: ["query"],
    pattern:
      /['"`\d)] ?\b(?:not (?:between|like|regexp|rlike|in ?\()|sounds like|regexp binary|rlike|like binary)\b|\b(?:merge using ?\(|match [^\n]{1,40} against ?\(|execute immediate ?['"]|cursor for\b|load data (?:local )?infile|alter \w{1,40} [^\n]{0,20}character set)/,
  },
  {
    kind,
    score: 0.85,
    needs: "'.",
    in: ["query"],
    pattern:
      /\d\.e[(,.]\w|['"}] ?(?:@>|<@|->>?|\?\||#>) ?['"{\d]|[\s'"]\\?x?29\b ?or\b|\b(?:tempdb|msdb|northwind|master)\.\.?\w|\bsysdatabases\b/,
  },
];
