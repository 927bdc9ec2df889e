import type { replay as en } from "../en/replay";
import type { Same } from "../same";

export const replay: Same<typeof en> = {
  region: "回放",
  play: "播放", pause: "暂停",
  playTitle: "播放或暂停（空格键）",
  speed: "速度", times: "{{speed}} 倍",
  position: "通话中的位置",
  wholeCall: "整个通话",
  loading: "正在读取声音…",
  silence: "无人说话。",
  silent: "没有声音：{{reason}}",
  nobodyAsked: "没有征求过保留录音的同意。",
  nobodyAgreed: "没有人同意保留录音。",
  gone: "没有保留录音。",
  partly: "{{names}}：未保留录音。",
  lost: "部分声音无法读取，这些地方没有声音。",
  unreachable: "无法查询是否保留了录音。",
};
