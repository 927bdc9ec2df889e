import type { terms as en } from "../en/terms";
import type { Same } from "../same";

export const terms: Same<typeof en> = {
  status: { open: "待处理", addressed: "已回应", confirmed: "已确认", withdrawn: "已放弃", resolved: "已解决" },
  strength: {
    need: { s1: "锦上添花", s2: "重要", s3: "必须" },
    hesitation: { s1: "轻微", s2: "明确", s3: "阻碍成交" },
  },
  strengthOf: "强度 {{strength}}/3，{{name}}",
  item: { ticket: "工单", document: "文档", roadmap: "路线图" },
  maySay: "可以说",
  doNotSay: "不要说",
  kinds: { need: "需求", hesitation: "顾虑" },
  thing: {
    competitor: "竞争对手", account: "客户", product: "产品", organisation: "机构", person: "人物", amount: "数量", date: "日期",
  },
};
