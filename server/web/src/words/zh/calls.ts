import type { calls as en } from "../en/calls";
import type { Same } from "../same";

export const calls: Same<typeof en> = {
  title: "通话记录",
  about: "进行中的通话在前，其余按时间从新到旧。",
  search: "客户或发言人",
  searchLabel: "搜索通话",
  count: "{{shown}} / {{total}}",
  reading: "正在读取通话…",
  none: "还没有通话。开始一个，它就会列在这里。",
  notFound: "没有符合搜索条件的通话。",
  account: "客户",
  when: "时间",
  speakers: "发言人",
  needs: "需求与顾虑",
  live: "进行中",
  open: "打开",
  summary: "总结",
  actions: "打开或查看总结",
  more: "显示更早的",
  failed: "无法读取通话列表。",
  again: "重试",
};
