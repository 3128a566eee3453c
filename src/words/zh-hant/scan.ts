import type { scan as english } from "#words/en/scan.ts";
import type { Topic } from "#words/sentence.ts";

/** `waglan scan --report` 所寫的頁面。 */
export const scan: Topic<typeof english> = {
  title: "記錄所顯示的情況",
  made: "於 {time} 根據 {files} 個檔案、{lines} 行記錄製作",
  counts: "{findings} 個命中需要查看，{background} 個屬背景",
  nothing: "沒有發現。這並不證明沒有事情發生。",
  rules: "按規則及偵測器",
  hosts: "按機器",
  tactics: "按 ATT&CK 戰術",
  hits: "命中",
  some: "共 {count} 個，顯示首 {shown} 個",
  listed: "列於清單：{value}",
  name: "名稱",
  severity: "嚴重程度",
  times: "命中數",
  machines: "機器",
  first: "首次",
  last: "最近",
  time: "時間",
  what: "內容",
  where: "位置",
};
