import type { needs as en } from "../en/needs";
import type { Same } from "../same";

export const needs: Same<typeof en> = {
  status: { open: "未解决", addressed: "已答复", confirmed: "已确认", withdrawn: "已撤回", resolved: "已解决" },
  item: { ticket: "工单", document: "文档", roadmap: "路线图" },
  kinds: { need: "需求", hesitation: "顾虑" },
  needCount_one: "{{count}} 项需求", needCount_other: "{{count}} 项需求",
  callCount_one: "{{count}} 次通话", callCount_other: "{{count}} 次通话",
  maySay: "可以说",
  mustNot: "不可透露",
  maySayTitle: "可以告诉客户",
  mustNotTitle: "不能告诉客户",
  nothing: "目前还没有能回应这一点的内容。",
  disputed: "{{names}} 表示不需要",
  goThere: "在通话中查看",
  again: "重试",
  failed: "无法读取：{{reason}}",
};
