import type { scan as english } from "#words/en/scan.ts";
import type { Topic } from "#words/sentence.ts";

/** `waglan scan --report` 所写的页面。 */
export const scan: Topic<typeof english> = {
  title: "日志所显示的情况",
  made: "于 {time} 根据 {files} 个文件、{lines} 行记录生成",
  counts: "{findings} 个命中需要查看，{background} 个属背景",
  nothing: "没有发现。这并不证明没有事情发生。",
  rules: "按规则和检测器",
  hosts: "按机器",
  tactics: "按 ATT&CK 战术",
  hits: "命中",
  some: "共 {count} 个，显示前 {shown} 个",
  listed: "列于清单：{value}",
  name: "名称",
  severity: "严重程度",
  times: "命中数",
  machines: "机器",
  first: "首次",
  last: "最近",
  time: "时间",
  what: "内容",
  where: "位置",
};
