import { either, type Sign } from "./sign.ts";

const kind = "code";

/** Functions of PHP that nobody writes in prose; any call of them counts. */
const functions = either(`
  base64_decode gzinflate gzuncompress str_rot13 shell_exec passthru proc_open popen pcntl_exec call_user_func(?:_array)? create_function
  file_(?:get|put)_contents fsockopen preg_replace preg_match array_(?:map|filter|walk|diff|diff_ukey|reduce|uintersect|udiff) usort uasort uksort phpinfo
  var_dump var_export print_r show_source highlight_file readfile parse_str putenv ini_set ini_get move_uploaded_file bzdecompress hex2bin
  bin2hex rawurldecode get_defined_vars get_defined_functions register_shutdown_function register_tick_function include_once require_once fopen fwrite
  fputs opendir scandir unserialize error_log function_exists is_callable iterator_apply ob_start date_add curl_exec curl_init
  posix_\\w{3,20} apache_\\w{3,20} mysql_query mysqli_query pg_query sqlite_query chroot disk_free_space php_uname getenv get_current_user
  getmypid getmyuid simplexml_load_(?:file|string) session_start header_register_callback set_error_handler spl_autoload_register
  reflectionfunction assert_options array_walk_recursive forward_static_call(?:_array)? func_get_args filter_var ctype_\\w{3,10}
  stream_\\w{3,30} socket_\\w{3,20} ftp_\\w{3,20} mb_ereg_replace escapeshellcmd escapeshellarg`);

export const codeSigns: readonly Sign[] = [
  { kind, score: 0.95, needs: "(", pattern: new RegExp(String.raw`\b(?:${functions}) ?\(`) },
  {
    ...{ kind, score: 0.9, needs: "('\"" },
    pattern:
      /\b(?:system|exec|assert|eval|chr|extract|symlink|popen|print|echo|die|include|require|unlink|open|crypt|spawn|fork|rand|syscall|backtick) ?(?:\( ?(?:['"$`\d@]|\w{1,30} ?[(.,])|\{ ?\w|["'`]\S[^"'`\n]{0,60}["'`] ?[;)\]])/,
  },
  {
    kind,
    score: 0.7,
    needs: "(",
    in: ["path", "query"],
    pattern: /(?:^|[=\s;/\n])[a-z]{2,12}_[a-z_]{2,20} ?\( ?(?:\)|$|['"$])/,
  },
  {
    ...{ kind, score: 0.95, needs: "$" },
    pattern:
      /\$ ?_ ?(?:get|post|request|s? ?erver|cookie|files|env|session)\b ?(?:[[{;]|=)|\$globals\b|\$http_\w{1,20}_vars|\$_\w{0,6}\[|\$_{1,6}[[{(]|\$ \{|\$\{ ?(?:[$'"@]|_|[a-z]\})|\$\{[^}\n]{0,40}\} ?\(|[@$]\$\w{1,40}(?: ?[[(]|->)|(?:^|[=\s;.@!,(\n])\$\w{1,40} ?(?:\[[^\]\n]{0,40}\] ?|\{[^}\n]{0,40}\} ?){0,3}(?:\/\/\w? | )?\(|\$\$[a-z_]|::\$\w|\$\w{1,30}->\w/,
  },
  {
    kind,
    score: 0.95,

    pattern: /(?:^|[=;{\n])(?:o|c):\+?\d{1,6}:"|(?:^|[=;{\n])a:\d{1,4}:\{|\bro0ab[a-z0-9+/]|\b_\$\$nd_func\$\$_/,
  },
  {
    kind,
    score: 0.9,
    needs: "_.",
    pattern:
      /\b(?:allow_url_include|auto_prepend_file|disable_functions|open_basedir|session\.auto_start|php_(?:value|admin_value|flag))\b/,
  },
  { kind, score: 0.95, needs: "<", pattern: /<\?(?:php|=| )|<% ?[=@!]? ?[^%\n]{0,60}[*+(.'"]/ },
  {
    ...{ kind, score: 0.85, needs: "(.[}", in: ["query", "agent", "referrer"] },
    pattern:
      /\( ?["'][\w.\s]{1,60}["'] ?\) ?\(|["'] ?\. ?["'][\w\s]{0,20}["']?|\[["']?\w{1,30}["']?\] ?\( ?["'$]|\} ?\( ?["'$\d)]|\( ?(?:string|int|array|bool|object|unset|binary) ?\) ?\(/,
  },
  {
    ...{ kind, score: 0.95, needs: "(_.[{" },
    pattern:
      /\brequire ?\( ?["'`\\]|\bimport\( ?["'`]|\bchild_process\b|\bprocess ?\. ?(?:env|exit|mainmodule|binding|kill|spawn|exec)\b|\bprocess\[|\b__proto__\b|\bconstructor ?(?:\.|\[|\() ?(?:prototype|constructor|['"]|_load)|\bprototype ?(?:\.|\[|=)|\bfunction ?\(\w{0,20}\) ?\{|\) ?=> ?[{(]|\bthis\.constructor|\b(?:spawn|exec|execfile|fork)sync ?\(|\bglobal(?:this)?\.(?:process|require|\w{1,20}\()|\bwhile\(|\bfor\( ?(?:;|var|let|int)|\bbuffer\.(?:from|alloc)|\bmodule\.exports\b|\bobject\.(?:assign|defineproperty|keys) ?\(|\brequire\.main\b|= ?require ?[;,(]/,
  },
  {
    ...{ kind, score: 0.9, needs: ".(_@#{%" },
    pattern:
      /\bjava\.lang\.(?:runtime|processbuilder|class|system|thread|reflect|string)\b|\bjavax?\.(?:naming|script|el|beans|util\.\w{1,30})\b[.(]|\bgetruntime\b ?\(|\bprocessbuilder\b|\bclass\.(?:module|classloader|forname|protectiondomain)\b|\bclassloader\.|#_?(?:memberaccess|context|request|session|application|parameters|attr|root)\b ?[.=[]|%\{ ?[(#'"\d]|\bfreemarker\.template\b|\bt\( ?java|\$class\.inspect|@java\.\w|@org\.\w|\bobjectinputstream\b|\bspringframework\.\w|\bognl\.\w/,
  },
  {
    ...{ kind, score: 0.9, needs: "(_{[@:%" },
    pattern:
      /@\{ ?\[|@\{ {1,4}\[|\bqx[{(]|%x[([{|]|\bkernel\.(?:exec|system|open|spawn)|\bprocess\.(?:spawn|exec)|\bio\.popen|\bos\.(?:system|popen|execute|environ)|\bsubprocess\.(?:popen|call|run|check_output)|\b__(?:import|class|globals|builtins|subclasses|mro|init|base|bases|getattribute)__\b|\bfile\.(?:read|open|write|readlines) ?[("']|\bpopen\d? ?\(|\bnet::http\b|\berb\.new\b|\b(?:yaml|marshal|pickle)\.loads?\b|\bcore::\w{2,12}/,
  },
  {
    ...{ kind: "template", score: 0.9, needs: "{%[" },
    pattern:
      /\{\{[^{}\n]{0,60}(?:[*+(['"|]|__)|\{\{ ?\d|#\{[^}\n]{0,60}[*+(.'"]|\{%-? ?(?:if|for|set|import|include|extends|macro|block|raw|debug|print|do|with)\b|\$\{[^}\n]{0,60}[*+(]|\[\[ ?\$\{|[*~]\{[^}\n]{0,40}[*+(]|\{(?:php|literal)\}|\{\d{1,6} ?\* ?\d{1,6}\}|\{\{=|\{\{#(?:with|each|if)\b|\{system\(/,
  },
  { kind: "template", score: 0.9, needs: "@#", pattern: /@\( ?\d{1,6} ?[*+]|(?:^|[=\n])#set ?\( ?\$|<#assign / },
  {
    ...{ kind: "log4shell", score: 1, needs: "$:" },
    pattern:
      /\$\{[^\n]{0,40}?(?:jndi|\$\{ ?(?:lower|upper|env|sys|java|date|base64|main|ctx|::-|:\w{0,8}:?-))|\$\{(?:lower|upper|env|sys|java|base64|main|ctx|::-|:\w{1,8}:-|jndi) ?:?|\bjndi ?: ?(?:ldaps?|rmi|dns|iiop|corba|nds|https?)\b/,
  },
  {
    kind,
    score: 0.85,
    needs: "[?$>",
    pattern: /\[\/?php\]|\?>|\$(?:arg[cv]|http_response_header|php_errormsg|http_raw_post_data)\b/,
  },
  {
    ...{ kind, score: 0.8, needs: "=", in: ["query"] },
    pattern:
      /\b(?:allow_url_fopen|arg_separator\.\w{5,6}|auto_append_file|browscap|default_mimetype|display_errors|display_startup_errors|doc_root|docref_ext|enable_dl|enable_post_data_reading|engine|error_append_string|error_reporting|expose_php|extension_dir|file_uploads|html_errors|include_path|log_errors|magic_quotes_\w{3,7}|mail\.\w{3,20}|max_execution_time|max_file_uploads|max_input_\w{4,13}|memory_limit|mysqli?\.\w{3,30}|open_basedir|output_\w{6,9}|post_max_size|precision|realpath_cache_size|register_globals|safe_mode\w{0,30}|sendmail_path|session\.\w{4,30}|short_open_tag|sql\.safe_mode|suhosin\.\w{4,40}|upload_max_filesize|upload_tmp_dir|user_dir|user_ini\.\w{4,12}|variables_order|xdebug\.\w{4,30}|zend\.\w{4,30}) ?= ?\w/,
  },
  {
    kind,
    score: 0.7,
    needs: "_",
    in: ["query"],
    pattern:
      /=(?:auth_type|http_(?:accept(?:_charset|_encoding|_language)?|connection|host|user_agent|keep_alive|referer|x_forwarded_for)|orig_path_info|path_(?:info|translated)|query_string|request_uri|php_self|document_root)(?:$|\n)/,
  },
  {
    kind,
    score: 0.85,
    needs: "(",
    in: ["query"],
    pattern: /\( ?[a-z_]{2,30} ?\) ?\( ?['"$]|\.\(\w{1,12}\)\.|\[\w{3,20}\]\[\d\]\(|["']\w{3,30}["']\(['"$\w]/,
  },
  {
    ...{ kind, score: 0.85, needs: "." },
    pattern:
      /\bjava\.(?:io|util|net|beans|lang|nio|sql)\.(?!\w{0,40}(?:exception|error)\b)[a-z]\w{2,40}\b(?! )|\bjavax\.script\.|\bcom\.(?:opensymphony|sun\.org\.apache|sun\.rowset)\.|\borg\.(?:apache\.(?:struts2?|commons\.collections|xalan|tomcat)|codehaus\.groovy|springframework\.context|mozilla\.javascript|omg\.corba)\b|\bjava\b[^\n]{1,60}\b(?:getruntime|processbuilder|unmarshaller)\b/,
  },
  {
    // the head of a serialised Java object, and names of its gadgets, plain and in base 64
    ...{ kind, score: 0.9, in: ["query"] },
    pattern:
      /\b(?:aced0005|ro0abq|kztaau|cs7qaf)|\b(?:clonetransformer|forclosure|instantiatefactory|instantiatetransformer|invokertransformer|prototypeclonefactory|prototypeserializationfactory|whileclosure|getproperty|filewriter|xmldecoder)\b|cnvudgltzq|hj1bnrpbwu|bydw50aw1l|chjvy2vzc2j1awxkzxi|hbyb2nlc3nidwlszgvy|bwcm9jzxnzynvpbgrlc|y2xvbmv0cmfuc2zvcm1lcg/,
  },
  {
    kind: "script",
    score: 0.9,
    needs: ";=",
    pattern: /\.cookie\b[^\n]{0,60}; ?(?:expires|domain|path)\b|\bdocument\.cookie ?=/,
  },
];
