"""The general pipeline, as it is, and without its weights."""

import logging
from pathlib import Path

import pytest

from intent.entities import Entities


@pytest.mark.model
def test_people_organisations_and_dates_are_found(models_dir: Path) -> None:
    text = "Anna Becker of Siemens wants it by the fourteenth of March."
    found = [(one.type, text[one.span.start : one.span.end]) for one in Entities(models_dir).found(text)]
    assert found == [("person", "Anna Becker"), ("organisation", "Siemens"), ("date", "the fourteenth of March")]


def test_without_weights_nothing_is_found_and_it_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    entities = Entities(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert entities.found("Anna Becker wants it.") == ()
        assert entities.found("Anna Becker wants it.") == ()
    assert [record.message.count("needgraph models fetch") for record in caplog.records] == [1]
    assert "Becker" not in caplog.text
