import type { Language } from "./language.ts";

/** One idea, the word each language uses for it, and words of other regions or habits that must not stand for it. */
export interface Term {
  readonly use: string;
  readonly never: readonly string[];
}

/**
 * The term base: Hong Kong usage in Traditional, Mainland usage in Simplified; neither is the other converted. A test
 * reads every sentence of the catalogue against it, and the translator reads it first.
 */
export const termbase: Readonly<Record<string, Readonly<Record<Language, Term>>>> = {
  server: row(["server"], ["伺服器", "服務器", "服务器"], ["服务器", "伺服器"]),
  network: row(["network"], ["網絡", "網路", "网络"], ["网络", "网路", "網絡"]),
  software: row(["software"], ["軟件", "軟體", "软件"], ["软件", "软体", "軟件"]),
  malware: row(
    ["malware", "virus software"],
    ["惡意軟件", "惡意軟體", "恶意软件", "惡意程式"],
    ["恶意软件", "恶意软体"],
  ),
  "information security": row(
    ["information security", "cybersecurity", "cyber security"],
    ["資訊保安", "資訊安全", "信息安全", "網絡安全"],
    ["网络安全", "资讯保安", "资讯安全"],
  ),
  "e-mail": row(["e-mail", "email", "Email"], ["電郵", "電子郵件", "邮件", "電子邮件"], ["邮件", "电邮"]),
  phishing: row(["phishing"], ["釣魚", "網路釣魚", "钓鱼"], ["钓鱼", "網釣"]),
  device: row(["device"], ["裝置", "設備", "设备"], ["设备", "装置"]),
  data: row(["data"], ["資料", "數據", "数据"], ["数据", "资料"]),
  program: row(["program"], ["程式", "程序碼", "軟件程序"], ["程序", "程式"]),
  account: row(["account"], ["帳戶", "帳號", "賬號", "账号"], ["账号", "帐户", "帐号"]),
  password: row(["password"], ["密碼", "口令"], ["密码", "口令"]),
  file: row(["file"], ["檔案", "文件"], ["文件", "档案"]),
  log: row(["log"], ["記錄", "日誌", "日志"], ["日志", "纪录"]),
  hash: row(["hash"], ["雜湊值", "哈希", "散列"], ["哈希值", "散列", "杂凑"]),
  domain: row(["domain name"], ["域名", "網域", "網域名稱"], ["域名", "网域"]),
  port: row(["port"], ["端口", "連接埠", "埠"], ["端口", "连接埠"]),
  memory: row(["memory"], ["記憶體", "內存"], ["内存", "记忆体"]),
  camera: row(["camera"], ["攝影機", "攝像頭", "攝像機"], ["摄像头", "摄影机"]),
  information: row(["information"], ["資訊", "信息", "資信"], ["信息", "资讯"]),
  internet: row(["internet", "Internet"], ["互聯網", "網際網路", "因特網"], ["互联网", "网际网路"]),
  privacy: row(["privacy officer", "data protection officer"], ["私隱", "隱私"], ["个人信息", "私隐"]),
  what: row(["what"], ["甚麼", "什麼"], ["什么", "甚么"]),
  inside: row(["inside"], ["裏", "裡"], ["里"]),
};

function row(
  [en, ...neverEn]: readonly [string, ...string[]],
  [hant, ...neverHant]: readonly [string, ...string[]],
  [hans, ...neverHans]: readonly [string, ...string[]],
): Readonly<Record<Language, Term>> {
  return {
    en: { use: en, never: neverEn },
    "zh-Hant-HK": { use: hant, never: neverHant },
    "zh-Hans": { use: hans, never: neverHans },
  };
}
