import type { recap as en } from "../en/recap";
import type { Same } from "../same";

export const recap: Same<typeof en> = {
  title: "您加入之前的内容",
  running_one: "已进行 {{length}}，在线：{{names}}。", running_other: "已进行 {{length}}，在线：{{names}}。",
  open: "待处理",
  answered: "已回应",
  noNeeds: "目前没有需求或顾虑。",
  last: "刚刚说到",
  names: "提到",
  times_one: "1 次", times_other: "{{count}} 次",
  more_one: "图中还有 {{count}} 项", more_other: "图中还有 {{count}} 项",
  close: "关闭回顾",
  ended: "已结束，时长 {{length}}",
  summary: "查看总结",
};
