"""The words of exported summaries in English and Simplified Chinese."""

from collections.abc import Mapping
from typing import Literal

from intent.labels import LABELS, LabelSet

Language = Literal["en", "zh"]

ENGLISH: Mapping[str, str] = {
    "title": "Summary of a call",
    "title_of": "Call with {account}",
    "started": "Start",
    "length": "Length",
    "running": "The call is still running; this is how it stands now.",
    "people": "People",
    "rep": "our side",
    "customer": "customer",
    "open": "Open",
    "answered": "Answered",
    "other": "No longer asked for",
    "no_needs": "No needs were found in this call.",
    "none_here": "Nothing.",
    "status.open": "open",
    "status.addressed": "answered",
    "status.confirmed": "confirmed",
    "status.withdrawn": "withdrawn",
    "status.resolved": "settled",
    "need": "need",
    "hesitation": "hesitation",
    "strength.1": "would be nice",
    "strength.2": "important",
    "strength.3": "a must",
    "kind.ticket": "Ticket",
    "kind.document": "Document",
    "kind.roadmap": "Roadmap",
    "may_say": "may be said",
    "must_not_say": "do not say",
    "changed": "changed {date}",
    "see": "See",
    "earlier": "earlier call",
    "steps": "Next steps",
    "no_steps": "No next steps were found.",
    "step.promised": "Promised by {speaker}",
    "step.asked": "Asked for by {speaker}",
    "step.unanswered": "Not answered yet, raised by {speaker}",
    "due": "due: {due}",
    "metrics": "How {speaker} talked",
    "metrics_note": "For you alone.",
    "ratio": "Share of all talk",
    "talk": "Talk time",
    "monologue": "Longest monologue",
    "monologue_at": "{length} at {at}",
    "gap": "Usual gap before answering",
    "questions": "Questions asked",
    "unknown": "not known",
    "seconds": "{seconds} s",
    "cards": "Cards",
    "cards_line": "{shown} shown, {used} used, {dismissed} dismissed, {later} put off, {ignored} ignored",
    "made": "Made by needgraph from the words of the call. Quotes are as they were recognised.",
    "gone_title": "This link opens nothing",
    "gone": "The link has expired, was revoked, or never was. Ask whoever sent it to you for a new one.",
    "many_title": "Too many attempts",
    "many": "Too many links that open nothing were tried from here. Wait a minute, then try again.",
}
CHINESE: Mapping[str, str] = {
    "title": "通话摘要",
    "title_of": "与 {account} 的通话",
    "started": "开始时间",
    "length": "时长",
    "running": "通话仍在进行，以下为当前情况。",
    "people": "参与者",
    "rep": "我方",
    "customer": "客户",
    "open": "待答复",
    "answered": "已答复",
    "other": "不再需要",
    "no_needs": "这次通话中没有发现需求。",
    "none_here": "无。",
    "status.open": "待答复",
    "status.addressed": "已答复",
    "status.confirmed": "已确认",
    "status.withdrawn": "已撤回",
    "status.resolved": "已解决",
    "need": "需求",
    "hesitation": "顾虑",
    "strength.1": "有则更好",
    "strength.2": "重要",
    "strength.3": "必须",
    "kind.ticket": "工单",
    "kind.document": "文档",
    "kind.roadmap": "路线图",
    "may_say": "可以告知客户",
    "must_not_say": "不可告知客户",
    "changed": "更新于 {date}",
    "see": "参见",
    "earlier": "更早的通话",
    "steps": "后续事项",
    "no_steps": "没有发现后续事项。",
    "step.promised": "{speaker} 承诺",
    "step.asked": "{speaker} 提出",
    "step.unanswered": "尚未答复，由 {speaker} 提出",
    "due": "期限：{due}",
    "metrics": "{speaker} 的发言情况",
    "metrics_note": "仅供你本人查看。",
    "ratio": "发言占比",
    "talk": "发言时长",
    "monologue": "最长连续发言",
    "monologue_at": "{length}，始于 {at}",
    "gap": "回应前的通常停顿",
    "questions": "提问数",
    "unknown": "未知",
    "seconds": "{seconds} 秒",
    "cards": "提示卡",
    "cards_line": "显示 {shown}，采用 {used}，否决 {dismissed}，推迟 {later}，忽略 {ignored}",
    "made": "由 needgraph 根据通话内容生成。引文为语音识别结果。",
    "gone_title": "此链接无法打开",
    "gone": "链接已过期、已被撤销，或从未存在。请向发送者索取新的链接。",
    "many_title": "尝试次数过多",
    "many": "从此处尝试了太多无效链接。请等待一分钟后再试。",
}
WORDS: Mapping[Language, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
TYPES_ZH: Mapping[str, str] = {
    "capability": "功能",
    "integration": "集成",
    "performance": "性能",
    "compliance": "合规",
    "commercial": "商务条款",
    "support": "支持",
    "timeline": "时间安排",
    "proof": "证明",
    "price": "价格",
    "risk": "风险",
    "fit": "适配",
    "competitor": "竞争对手",
    "status_quo": "维持现状",
    "authority": "决策权",
    "timing": "时机",
    "effort": "投入",
    "uncertainty": "不确定",
}


def type_titles(labels: LabelSet, language: Language) -> dict[str, str]:
    """Titles of a tenant's types; one that the tenant named itself keeps its name in every language."""
    shipped = {one.type: one.title for one in LABELS.types}
    titles = {one.type: one.title for one in labels.types}
    if language == "zh":
        titles |= {name: TYPES_ZH[name] for name in TYPES_ZH if titles.get(name) == shipped.get(name)}
    return titles


def clock(ms: int) -> str:
    """A place or a length in a call: 4:05, or 1:04:05."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
