import type { sharing as English } from "#words/en/sharing.ts";
import type { Topic } from "#words/sentence.ts";

export const sharing: Topic<typeof English> = {
  "recall.subject": "{tlp} 請移除我們曾發給你的 {count} 個值",
  "recall.says": "{community}已撤回曾告知{organisation}的內容。請從你的清單、規則和防火牆移除以下各值。",
  "recall.where": "你曾在 {lists} 收到。",
  "recall.value": "{kind} {value}：{why}",
  "recall.more": "另有 {count} 個",
  "recall.over": "請移除我們曾發給你的內容",
  "recall.ended":
    "{community}與{organisation}的協議已於 {time} 終止。請從你的清單、規則、防火牆和平台移除我們曾發給你的所有內容。",
  "recall.foot": "自 {time} 起，各清單已不含這些值；重新下載即可，無需其他處理。",
  "why.false": "判定為誤報",
  "why.withdrawn": "已由來源撤回",
  "why.tightened": "你不再獲准持有",
  "webhook.subject": "你的 Webhook 已停用",
  "webhook.says": "{community}連續 {days} 日無法連接 {url}，已停止嘗試。最後的回應是：{why}。恢復後請重新登記。",
  "audience.members": "所有成員",
  "audience.partners": "所有夥伴",
};
