"""Summaries: what stands in them, who sees what, and the files they leave as."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import httpx
import pytest

from graph.view import CallView, NeedGraph
from ingest.messages import TenantId
from intent.labels import LABELS
from intent.messages import LabelTypeChanged
from server import summary, summary_export, summary_files, summary_words
from server.auth import Principal, PrincipalRole
from server.bodies import CallSummaryPage, CardFigures
from server.summary_export import Reader
from tests.graph.graph_samples import NOON, TENANT, assigned, changed, signal
from tests.server.conftest import Scripted
from tests.server.server_calls import DANA, INES, OMAR, WAIT_S, caller, headers
from tests.server.server_past import JONAS, SAID, SECRET_TITLE, keep, past_messages, started

SECRETS = (SECRET_TITLE, "T-1", "Mallory", "Hidden roadmap", "R-1", "evidence of", "budget", "price", "Price")
"""What a customer must not read of the sample call: it stands in none of a customer's files."""


def view(*more: object, account: str = "Harbour Foods", call_id: str = "c1") -> CallView:
    graph = NeedGraph(TENANT)
    call = started(TENANT, call_id, account)
    for message in (call, *past_messages(call), *more):
        graph.apply(message)  # type: ignore[arg-type]
    found = graph.call(call.call_id)
    assert found is not None
    return found


def principal(role: PrincipalRole = "rep", person: str = JONAS) -> Principal:
    return Principal(tenant_id=TenantId("acme"), person=person, role=role)


def test_a_summary_of_a_call() -> None:
    page = summary.page(view())
    assert [one.need_id for one in page.needs] == ["c1-n1", "c1-n2", "c1-n3"]
    assert page.open_needs == ("c1-n1", "c1-n2", "c1-n3")
    assert page.answered_needs == ()
    assert (page.duration_ms, page.ended, page.account) == (60_000, True, "Harbour Foods")
    assert [(one.kind, one.role, one.due, one.need_id) for one in page.next_steps] == [
        ("promised", "rep", "by Friday", None),
        ("asked", "customer", None, None),
        ("unanswered", "customer", None, "c1-n1"),
    ]
    promised = page.next_steps[0]
    assert promised.text == SAID[2][1].rstrip(".") == SAID[2][1][promised.start : promised.end]
    assert promised.start_ms == 15_000
    assert (page.metrics, page.cards) == (None, None)


def test_an_answered_need_is_no_longer_open() -> None:
    page = summary.page(view(replace(changed("x1", "c1-n1", "addressed", on=3), tenant_id=TENANT)))
    assert page.answered_needs == ("c1-n1",)
    assert page.open_needs == ("c1-n2", "c1-n3")
    assert [one.need_id for one in page.needs] == ["c1-n2", "c1-n3", "c1-n1"]
    assert [one.kind for one in page.next_steps] == ["promised", "asked"]


def test_a_call_that_runs_is_summed_up_so_far() -> None:
    page = summary.page(replace(view(), ended=None))
    assert (page.ended, page.duration_ms) == (False, 34_000)


@pytest.mark.parametrize(
    ("role", "person", "host", "sees"),
    [
        ("rep", "Jonas", "Jonas", True),
        ("admin", "Jonas", "Jonas", True),
        ("supervisor", "Jonas", "Jonas", False),
        ("rep", "Mara", "Jonas", False),
        ("admin", "Mara", "Jonas", False),
        ("rep", "Mara", None, True),
        ("admin", "Jonas", None, False),
        ("supervisor", "Jonas", None, False),
        ("engineer", "Jonas", None, False),
    ],
)
def test_only_the_rep_of_a_call_sees_how_they_talked(
    role: PrincipalRole, person: str, host: str | None, sees: bool
) -> None:
    found = view()
    page = summary.page(found, summary.seen_by(found, principal(role, person), host))
    assert (page.metrics is not None) is sees
    if page.metrics is not None:
        assert (page.metrics.speaker, page.metrics.talk_ms, page.metrics.questions) == (JONAS, 8_000, 1)


@pytest.mark.parametrize(
    ("reps", "person", "found"),
    [
        (["Jonas"], "Kim", "Jonas"),
        (["Jonas", "Mara"], "Mara", "Mara"),
        (["Jonas", "Mara"], "Kim", None),
        ([], "K", None),
    ],
)
def test_of_several_reps_one_is_known_by_name_only(reps: list[str], person: str, found: str | None) -> None:
    assert summary.rep_of(reps, person) == found


# Files.


def written(page: CallSummaryPage, form: str, reader: Reader) -> str:
    document = summary_export.document(page, reader)
    writers = {
        "markdown": summary_files.markdown,
        "html": summary_files.html,
        "json": summary_files.document_json,
    }
    return writers[form](document)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["markdown", "html", "json"])
def test_a_customer_reads_nothing_that_must_not_be_said(form: str, language: summary_words.Language) -> None:
    found = view()
    page = summary.page(found, summary.ForRep(speaker=JONAS, cards=figures()))
    titles = summary_words.type_titles(LABELS, language)
    text = written(page, form, Reader(language=language, audience="customer", titles=titles))
    for secret in (*SECRETS, "价格", summary_words.WORDS[language]["cards"], "monologue"):
        assert secret not in text, secret
    for allowed in ("Cost centres, explained", "Split invoices in spring", "cost centre", "by Friday"):
        assert allowed in text.replace("\\", ""), allowed


def test_words_of_another_call_do_not_reach_the_customer() -> None:
    graph = NeedGraph(TENANT)
    first, second = started(TENANT, "c0", "Harbour Foods", customer="Olga"), started(TENANT, "c1", "Harbour Foods")
    for message in (first, *past_messages(first), second, *past_messages(second)):
        graph.apply(message)
    # The need of the second call is the first call's.
    graph.apply(assigned(signal("c1-s1", on=2, call_id=second.call_id), "c0-n1"))
    found = graph.call(second.call_id)
    assert found is not None
    page = summary.page(found)
    own = written(page, "markdown", Reader())
    assert "Olga" in own
    assert "earlier call" in own
    assert "Olga" not in written(page, "markdown", Reader(audience="customer"))


def figures() -> CardFigures:
    return CardFigures(calls=1, hours=0.5, shown=4, used=2, dismissed=1, later=0, ignored=1, per_hour=8.0)


def test_the_reps_own_file_holds_all_and_marks_what_not_to_say() -> None:
    page = summary.page(view(), summary.ForRep(speaker=JONAS, cards=figures()))
    text = written(page, "markdown", Reader(titles=summary_words.type_titles(LABELS, "en")))
    assert "Roadmap R-1: Hidden roadmap · do not say" in text
    assert "Roadmap R-2: Split invoices in spring · may be said" in text
    assert "Ticket T-1: Ticket of Mallory \\& Sons · changed 2026-01-15" in text
    assert "hesitation: Price · important · open" in text
    assert "Share of all talk: 33%" in text
    assert "4 shown, 2 used, 1 dismissed, 0 put off, 1 ignored" in text


class Tags(HTMLParser):
    """What a browser would make of a page: its elements and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href", "style")]

    def handle_data(self, data: str) -> None:
        self.text += data


NASTY = '<img src=x onerror=alert(1)> "O\'Neil" & </title><script>x</script> # **b** [a](http://e.vil)'


def test_markup_of_people_is_text_in_html() -> None:
    found = view(account=NASTY)
    page = Tags(written(summary.page(found), "html", Reader()))
    assert NASTY in page.text
    assert "<script>alert(1)</script>" in page.text
    assert page.seen <= set(
        [
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "h2",
            "h3",
            "dl",
            "dt",
            "dd",
            "p",
            "section",
            "div",
            "blockquote",
            "cite",
            "ul",
            "li",
            "footer",
        ]
    )


def test_markup_of_people_is_text_in_markdown() -> None:
    text = written(summary.page(view(account=NASTY)), "markdown", Reader())
    assert text.startswith("# Call with \\<img src\\=x onerror\\=alert(1)\\>")
    assert not re.search(r"(?<!\\)<", text)
    assert "http\\:" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- a list", "\\- a list"),
        ("1. first", "1\\. first"),
        ("2026 was good", "2026 was good"),
        ("# head\n\n* two\nlines", "\\# head \\* two lines"),
        ("see www.example.com or https://example.com", "see www\\.example.com or https\\://example.com"),
        (
            "a_b *c* `d` ~~e~~ |f| <g> &amp; h@i.j",
            "a\\_b \\*c\\* \\`d\\` \\~\\~e\\~\\~ \\|f\\| \\<g\\> \\&amp; h\\@i.j",
        ),
        ("back\\slash", "back\\\\slash"),
        ("我们 🧀", "我们 🧀"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, shown: str) -> None:
    assert summary_files.plain(text) == shown


@pytest.mark.parametrize(
    ("account", "name", "header"),
    [
        ("Harbour Foods", "summary-Harbour-Foods-2026-03-02.md", "summary-Harbour-Foods-2026-03-02.md"),
        ("../../etc/passwd", "summary-etc-passwd-2026-03-02.md", "summary-etc-passwd-2026-03-02.md"),
        ('a"; x="b\r\nS-C: c', "summary-a-x-b-S-C-c-2026-03-02.md", "summary-a-x-b-S-C-c-2026-03-02.md"),
        ("海港食品", "summary-海港食品-2026-03-02.md", "summary-2026-03-02.md"),
        ("🧀", "summary-2026-03-02.md", "summary-2026-03-02.md"),
        ("a" * 300, f"summary-{'a' * 60}-2026-03-02.md", f"summary-{'a' * 60}-2026-03-02.md"),
    ],
)
def test_a_files_name_is_safe(account: str, name: str, header: str) -> None:
    assert summary_files.file_name(account, NOON, "md") == name
    sent = summary_files.attachment(name)
    assert sent.startswith(f'attachment; filename="{header}"; ')
    assert sent.isascii()
    assert "\n" not in sent


def test_both_languages_hold_the_same_texts() -> None:
    assert summary_words.ENGLISH.keys() == summary_words.CHINESE.keys()
    for key, text in summary_words.ENGLISH.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", summary_words.CHINESE[key])), key
    assert set(summary_words.TYPES_ZH) == set(LABELS.names)


def test_a_type_that_the_tenant_named_keeps_its_name() -> None:
    renamed = LabelTypeChanged(
        tenant_id=TENANT, type="price", kind="hesitation", title="Kosten", hint="h", retired=False, author="O", at=NOON
    )
    titles = summary_words.type_titles(LABELS.changed([renamed]), "zh")
    assert (titles["price"], titles["risk"]) == ("Kosten", "风险")


def test_an_empty_call_says_so() -> None:
    graph = NeedGraph(TENANT)
    call = started(TENANT, "c9", "c9")
    graph.apply(call)
    found = graph.call(call.call_id)
    assert found is not None
    text = written(summary.page(found), "markdown", Reader())
    for said in ("# Summary of a call", "still running", "No needs were found", "No next steps were found"):
        assert said in text


@pytest.mark.parametrize(("ms", "shown"), [(0, "0:00"), (65_999, "1:05"), (3_600_000, "1:00:00")])
def test_times(ms: int, shown: str) -> None:
    assert summary_words.clock(ms) == shown


# Over the API.


@pytest.mark.model
async def test_a_live_call_is_summed_up_for_its_rep_only(scripted: Scripted) -> None:
    token = scripted.token("rep", tenant="sums", person="Dana Zwölf")
    watching = scripted.token("supervisor", tenant="sums")
    async with caller(scripted.url, token) as call:
        await call.start()
        await call.utterance(DANA, 0)
        await call.utterance(INES, 0)
        await call.utterance(OMAR, 0)
        path = f"/v1/calls/{call.call_id}/summary"
        async with httpx.AsyncClient(base_url=scripted.url, headers=headers(token), timeout=WAIT_S) as client:
            page = CallSummaryPage.model_validate((await client.get(path)).raise_for_status().json())
            assert page.metrics is not None
            assert (page.metrics.speaker, page.metrics.questions, page.ended) == ("Dana Zwölf", 1, False)
            seen = (await client.get(path, headers=headers(watching))).raise_for_status().json()
            assert seen["metrics"] is None
            file = await client.get(f"{path}/export?format=json&audience=own", headers=headers(watching))
            assert file.json()["metrics"] is None
            await call.end()
            ended = (await client.get(path)).json()
            assert ended["ended"]
            assert ended["metrics"]["questions"] == 1


@pytest.mark.model
async def test_exports_over_the_api(scripted: Scripted) -> None:
    await keep(scripted, [started("exports", "x1", 'Häfen "& <b>Söhne</b>')])
    auth = headers(scripted.token("rep", tenant="exports", person=JONAS))
    async with httpx.AsyncClient(base_url=scripted.url, headers=auth, timeout=WAIT_S) as client:
        path = "/v1/calls/x1/summary/export"
        kinds = {"markdown": "text/markdown", "html": "text/html", "json": "application/json"}
        for form, media in kinds.items():
            answer = (await client.get(path, params={"format": form, "language": "zh"})).raise_for_status()
            assert answer.headers["content-type"].startswith(media)
            assert answer.headers["content-disposition"].startswith(
                'attachment; filename="summary-H-fen-b-S-hne-b-2026'
            )
            assert "filename*=UTF-8''summary-H%C3%A4fen" in answer.headers["content-disposition"]
            assert "SOC 2" in answer.text
        own = (await client.get(path, params={"format": "json"})).json()
        assert CallSummaryPage.model_validate(own).call_id == "x1"
        shown = await client.get(path, params={"format": "json", "audience": "customer"})
        assert not [one for one in SECRETS if one in json.dumps(shown.json(), ensure_ascii=False)]
        for wrong in ({"format": "pdf"}, {"language": "de"}, {"audience": "all"}, {"form": "html"}):
            assert (await client.get(path, params=wrong)).status_code == 400
        assert (await client.get("/v1/calls/none/summary")).status_code == 404
        assert (await client.get("/v1/calls/none/summary/export")).status_code == 404
    async with httpx.AsyncClient(base_url=scripted.url, timeout=WAIT_S) as nobody:
        assert (await nobody.get(path)).status_code == 401
        stranger = headers(scripted.token("admin", tenant="elsewhere"))
        assert (await nobody.get(path, headers=stranger)).status_code == 404
