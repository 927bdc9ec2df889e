import type { text as en } from "../en/text";
import type { Same } from "../same";

export const text: Same<typeof en> = {
  disputedBy: "{{names}}不想要",
  disputedByMany: "{{names}}不想要",
  cue: {
    response_gap: "等了 {{value}} 秒才回答，平时为 {{usual}} 秒",
    pause: "停顿 {{value}} 秒，平时为 {{usual}} 秒",
    fillers: "{{value}} 个填充词，平时为 {{usual}} 个",
    short_answer: "长问题只答了 {{value}} 个词，平时为 {{usual}} 个",
  },
  hedging: { hedge: "含糊其辞：{{words}}", deferral: "推迟：{{words}}", filler: "填充词：{{words}}" },
  quote: "“{{words}}”",
  and: "{{first}}和{{last}}",
};
