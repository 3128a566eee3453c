import type { sharing as English } from "#words/en/sharing.ts";
import type { Topic } from "#words/sentence.ts";

export const sharing: Topic<typeof English> = {
  "recall.subject": "{tlp} 请移除我们曾发给你的 {count} 个值",
  "recall.says": "{community}已撤回曾告知{organisation}的内容。请从你的列表、规则和防火墙中移除以下各值。",
  "recall.where": "你曾在 {lists} 收到。",
  "recall.value": "{kind} {value}：{why}",
  "recall.more": "另有 {count} 个",
  "recall.over": "请移除我们曾发给你的内容",
  "recall.ended":
    "{community}与{organisation}的协议已于 {time} 终止。请从你的列表、规则、防火墙和平台移除我们曾发给你的所有内容。",
  "recall.foot": "自 {time} 起，各列表已不含这些值；重新下载即可，无需其他处理。",
  "why.false": "判定为误报",
  "why.withdrawn": "已由来源撤回",
  "why.tightened": "你不再获准持有",
  "webhook.subject": "你的 Webhook 已停用",
  "webhook.says": "{community}连续 {days} 天无法连接 {url}，已停止尝试。最后的响应是：{why}。恢复后请重新登记。",
  "audience.members": "所有成员",
  "audience.partners": "所有伙伴",
};
