import type { terms as en } from "../en/terms";
import type { Same } from "../same";

export const terms: Same<typeof en> = {
  status: { open: "待处理", addressed: "已回应", confirmed: "已确认", withdrawn: "已撤回", resolved: "已解决" },
  strength: {
    need: { s1: "有则更好", s2: "重要", s3: "必须" },
    hesitation: { s1: "轻微", s2: "明确", s3: "阻碍成交" },
  },
  strengthOf: "强度 {{strength}}/3，{{name}}",
  item: { ticket: "工单", document: "文档", roadmap: "路线图" },
  maySay: "可以说",
  doNotSay: "不要说",
  maySayTitle: "可以告诉客户",
  doNotSayTitle: "不能告诉客户",
  kinds: { need: "需求", hesitation: "顾虑" },
  thing: {
    competitor: "竞争对手", account: "客户", product: "产品", organisation: "机构", person: "人物", amount: "数量", date: "日期",
  },
  needCount_one: "{{count}} 项需求", needCount_other: "{{count}} 项需求",
  callCount_one: "{{count}} 次通话", callCount_other: "{{count}} 次通话",
  nothing: "目前还没有能回应这一点的内容。",
  disputed: "{{names}}表示不需要",
  goThere: "在通话中查看",
  again: "重试",
  failed: "无法读取：{{reason}}",
};
