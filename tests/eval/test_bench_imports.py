from statistics import median

from eval.bench.imports import made_tickets


def test_made_tickets_are_the_same_each_time_and_as_long_as_asked() -> None:
    made = list(made_tickets(800, 60))
    assert made == list(made_tickets(800, 60))
    assert len({one["id"] for one in made}) == 800
    assert 57 <= median(len(f"{one['title']} {one['body']}".split()) for one in made) <= 64
