import type { mail as english } from "#words/en/mail.ts";
import type { Topic } from "#words/sentence.ts";

/** 警报：邮件、纯文本部分和回复网页使用同一批句子。 */
export const mail: Topic<typeof english> = {
  "block.happened": "发生了什么",
  "block.us": "是否与我们有关",
  "block.sure": "有多肯定",
  "block.todo": "应该做什么",
  "block.answer": "如何回复",

  subject: "{tlp} {reference}：【{severity}】{headline}",
  "subject.update": "{tlp} {reference} 第 {version} 版：【{severity}】{headline}",
  alert: "警报 {reference}，第 {version} 版",
  "from-to": "{sender}致{organisation} {recipient}。",
  "from-to.nobody": "{sender}致{organisation}。",
  due: "请在 {time}前回复。",
  "tlp.red": "仅限您本人阅读",
  "tlp.amber+strict": "仅限{organisation}内部使用",
  "tlp.amber": "仅限{organisation}及其服务对象中有必要知悉的人员",
  "tlp.green": "可在所属社群内分享，不得公开",
  "tlp.clear": "可自由分享",

  "headline.contacted.infected-system": "您的设备正在与控制恶意软件的服务器通信",
  "headline.contacted.c2-server": "您的设备正在与控制恶意软件的服务器通信",
  "headline.contacted.malware-distribution": "您的设备访问了传播恶意软件的网站",
  "headline.contacted.phishing": "您的网络中有人打开了钓鱼网站",
  "headline.contacted.spam": "您的设备正在与已知的垃圾邮件来源通信",
  "headline.contacted.scanner": "您的设备正在与已知的扫描源通信",
  "headline.contacted.brute-force": "您的设备正在与已知的暴力破解源通信",
  "headline.contacted.exploit": "您的设备正在与已知的攻击源通信",
  "headline.contacted.system-compromise": "您的设备疑似已被他人控制",
  "headline.contacted.data-leak": "您的设备正在向已知接收被盗数据的服务器发送数据",
  "headline.contacted.vulnerable-system": "您的设备正在使用攻击者会寻找的软件",
  "headline.contacted.ddos": "您的设备正在接受发起洪水攻击的系统指挥",
  "headline.contacted.blacklist": "您的设备正在与黑名单上的地址通信",
  "headline.contacted.other": "您的设备正在与可疑对象通信",

  "headline.listed.infected-system": "有报告称您的地址受到感染",
  "headline.listed.c2-server": "有报告称您的服务器被用来控制恶意软件",
  "headline.listed.malware-distribution": "有报告称您的网站传播恶意软件",
  "headline.listed.phishing": "有报告称您的网站存在钓鱼页面",
  "headline.listed.spam": "有报告称您的地址发送垃圾邮件",
  "headline.listed.scanner": "有报告称您的地址扫描他人网络",
  "headline.listed.brute-force": "有报告称您的地址暴力破解他人密码",
  "headline.listed.exploit": "有报告称您的地址攻击他人",
  "headline.listed.system-compromise": "有报告称您的系统被入侵",
  "headline.listed.data-leak": "有报告称您的数据落入他人手中",
  "headline.listed.vulnerable-system": "有报告称您的系统可被攻击",
  "headline.listed.ddos": "有报告称您的地址涉及洪水攻击",
  "headline.listed.blacklist": "您的地址被列入黑名单",
  "headline.listed.other": "有报告称您的地址存在可疑情况",

  "happened.contacted.infected-system":
    "{asset} 连接了 {hostile}，这是向受感染设备下达命令的服务器。这通常说明该设备上有恶意软件在运行。",
  "happened.contacted.c2-server":
    "{asset} 连接了 {hostile}，这是向受感染设备下达命令的服务器。这通常说明该设备上有恶意软件在运行。",
  "happened.contacted.malware-distribution":
    "{asset} 连接了 {hostile}，那里被用来传播恶意软件。可能已有文件被下载，甚至被打开。",
  "happened.contacted.phishing":
    "{asset} 打开了 {hostile}，这是专门骗取密码或银行卡号的网页。很可能有人点击了消息中的链接。",
  "happened.contacted.spam": "{asset} 与 {hostile} 有通信，后者以发送垃圾邮件著称，这些邮件常带有钓鱼链接或恶意软件。",
  "happened.contacted.scanner": "{asset} 主动连接了 {hostile}，后者以探测他人网络弱点著称。这种连接很少有正当原因。",
  "happened.contacted.brute-force": "{asset} 与 {hostile} 有通信，后者以暴力破解密码著称。其中一次可能已经成功。",
  "happened.contacted.exploit": "{asset} 与 {hostile} 有通信，后者以攻击软件漏洞著称。其中一次攻击可能已经得手。",
  "happened.contacted.system-compromise": "从 {asset} 与 {hostile} 的往来看，该设备似乎已被他人控制。",
  "happened.contacted.data-leak":
    "{asset} 向 {hostile} 发送了数据，后者是已知接收被盗数据的服务器。这往往是勒索前不久的征兆。",
  "happened.contacted.vulnerable-system": "从 {asset} 与 {hostile} 的通信可以看出，该设备使用了存在已知漏洞的软件。",
  "happened.contacted.ddos": "{asset} 连接了 {hostile}，该系统指挥大量流量攻击他人。您的设备很可能参与其中。",
  "happened.contacted.blacklist":
    "{asset} 连接了 {hostile}，可信的名单建议所有人避开这个地址。原因可能无害，但往往并非如此。",
  "happened.contacted.other": "{asset} 连接了 {hostile}，有人报告后者可疑。",

  "happened.listed.infected-system":
    "有人发现 {asset} 的行为与受感染设备相同。这通常说明该设备或它后面的设备上有恶意软件在运行。",
  "happened.listed.c2-server": "有报告称 {asset} 向受感染设备下达命令。很可能有人入侵了它，在您不知情的情况下使用。",
  "happened.listed.malware-distribution": "有报告称 {asset} 传播恶意软件。很可能有人在您不知情的情况下放置了文件。",
  "happened.listed.phishing":
    "有报告称 {asset} 显示骗取密码或银行卡号的网页。很可能有人在您不知情的情况下放置了该网页。",
  "happened.listed.spam":
    "有报告称 {asset} 发送垃圾邮件。原因往往是邮箱被盗、邮件服务器开放中继、网页表单被滥用，或它后面的设备受到感染。",
  "happened.listed.scanner": "有人发现 {asset} 探测其网络的弱点。原因往往是设备受到感染，或有被遗忘的工具仍在运行。",
  "happened.listed.brute-force": "有人发现 {asset} 在其系统上尝试大量密码。这通常说明该设备或它后面的设备受到感染。",
  "happened.listed.exploit": "有人发现 {asset} 攻击其软件漏洞。这通常说明该设备已被他人控制。",
  "happened.listed.system-compromise": "有报告称 {asset} 被入侵，很可能正被他人控制。",
  "happened.listed.data-leak": "属于 {asset} 的数据出现在不该出现的地方，其中可能有仍然有效的账号和密码。",
  "happened.listed.vulnerable-system": "{asset} 可以从互联网访问，并存在攻击者已知且正在利用的漏洞。",
  "happened.listed.ddos": "有报告称 {asset} 涉及洪水攻击：它可能是受害者，或其服务被利用来攻击他人。",
  "happened.listed.blacklist": "{asset} 被列入他人用来封锁的名单。您的邮件和访客可能因此被拒。",
  "happened.listed.other": "有人报告 {asset} 存在可疑情况。",

  about: "已知名称为 {about}。",
  "seen-once": "发现一次，时间为 {time}。",
  "seen-often": "共发现 {count} 次，首次为 {first}，最近一次为 {last}。",
  "reason.worse": "这是更新：情况比我们首次通知时更严重。",
  "reason.reopened": "这是更新：问题曾经消失，现已再次出现。",

  "us.yes": "是。{asset} 属于{organisation}，{proof}。",
  "us.declared": "很可能。{asset} 由{organisation}申报，尚未得到证实。",
  "proof.staff": "经我们的工作人员核实",
  "proof.dns": "经 DNS 记录证实",
  "proof.registry": "以公开登记信息为据",
  "proof.since": "{proof}，日期为 {date}",
  "us.instances": "时间和位置（UTC 和您的时间）：",
  "us.more": "另有 {count} 次，请查看平台",
  "us.evidence": "{file} 第 {line} 行的记录：",
  "us.evidence.list": "{file} 所列：",
  "us.defanged": "地址中的点写作 [.]，以免有人误点。原始字节见平台。",
  "us.portal": "全部证据：{url}",

  "sure.lead": "{certainty}。",
  "sure.none": "我们不能向您说明来源；肯定程度只按您可以看到的信息计算。",
  "sure.one": "有一个来源指出此事：来源{source}，内容{statement}（{grade}）。",
  "sure.many": "有 {count} 个来源指出此事，最佳的一个：来源{source}，内容{statement}（{grade}）。",
  "sure.source": "{title}：{source}、{statement}（{grade}）",
  "sure.mistake": "如果您知道无害的原因，请选择“误报”，这对所有人都有帮助。",

  "answer.opens": "每个回复都会打开 {host} 并请您确认。之后仍可更改。",
  "answer.none": "请到平台回复。",

  "real.title": "这真是我们发出的吗？",
  "real.call": "请致电 {phone} 并读出 {code}，我们会读出对应的后半句。",
  "real.never": "我们从不索要密码，也从不附带文件。",
  below: "简体中文版本在下方",
  "foot.why": "您是{organisation}的联系人，因此收到此邮件。",
  "foot.portal": "联系人和渠道：{url}",
  "foot.finding": "发现编号 {finding}",
};
