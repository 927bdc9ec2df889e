import type { common as en } from "../en/common";
import type { Same } from "../same";

export const common: Same<typeof en> = {
  views: { call: "通话", calls: "通话记录", accounts: "客户", review: "复核", models: "模型", start: "新通话" },
  kind: { need: "需求", hesitation: "顾虑" },
  close: "关闭",
  cancel: "取消",
  undo: "撤销",
  loading: "加载中…",
  lost: "连接已断开，显示的是最后收到的内容。",
  tryNow: "立即重试",
  language: "语言",
};
