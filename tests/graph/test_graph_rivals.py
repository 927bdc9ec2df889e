import pytest

from graph.rivals import names


@pytest.mark.parametrize(
    ("text", "rival"),
    [
        ("We looked at Vetaria.", "Vetaria"),
        ("We looked at vetaria's page", "Vetaria"),
        ("Vetarria came in cheaper", "Vetaria"),
        ("Clinic Hive showed us a page", "ClinicHive"),
        ("Four paws cloud is free", "Fourpaws Cloud"),
        ("Fourpaws costs nothing", "Fourpaws Cloud"),
        ("Acme offered us the same", "Acme"),
    ],
)
def test_a_rival_is_named(text: str, rival: str) -> None:
    assert names(text, rival)


@pytest.mark.parametrize(
    ("text", "rival"),
    [
        ("We looked at Vitara.", "Vetaria"),
        ("The acne of the patient", "Acme"),
        ("The cloud is down", "Fourpaws Cloud"),
        ("The big one", "Big Red Ledger"),
        ("", "Vetaria"),
        ("Anything", "..."),
    ],
)
def test_a_rival_is_not_named(text: str, rival: str) -> None:
    assert not names(text, rival)
