import threading

import pytest

from ingest.beside import Beside


def test_pieces_of_work_are_done_in_order_and_all_of_them() -> None:
    done: list[int] = []
    with Beside() as beside:
        for number in range(50):
            beside.do(lambda number=number: done.append(number))
    assert done == list(range(50))


def test_no_more_than_one_piece_waits() -> None:
    started, go = threading.Event(), threading.Event()
    handed: list[str] = []

    def slow() -> None:
        started.set()
        go.wait(timeout=30)
        handed.append("first")

    with Beside() as beside:
        beside.do(slow)
        assert started.wait(timeout=30)
        threading.Timer(0, go.set).start()
        beside.do(lambda: handed.append("second"))  # comes back once the first is done
        assert handed[0] == "first"
    assert handed == ["first", "second"]


def fail() -> None:
    raise OSError("the disk is full")


def test_a_failure_is_raised_at_the_next_piece() -> None:
    begun: list[int] = []
    with pytest.raises(OSError, match="disk is full"), Beside() as beside:
        beside.do(fail)
        beside.do(lambda: begun.append(1))
    assert begun == []


def test_a_failure_is_raised_at_the_end_of_the_block() -> None:
    with pytest.raises(OSError, match="disk is full"), Beside() as beside:
        beside.do(fail)


def test_check_raises_what_has_failed_and_waits_for_nothing_else() -> None:
    failed, go = threading.Event(), threading.Event()

    def fail_late() -> None:
        go.wait(timeout=30)
        try:
            fail()
        finally:
            failed.set()

    with pytest.raises(OSError, match="disk is full"), Beside() as beside:
        beside.do(fail_late)
        beside.check()  # still in work
        go.set()
        failed.wait(timeout=30)
        while True:
            beside.check()


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_a_block_that_is_given_up_ends_the_work_beside_it(end: type[BaseException]) -> None:
    taken: list[int] = []
    begun = threading.Event()

    def endless() -> None:
        for number in beside.until_left(iter(int, 1)):
            taken.append(number)
            begun.set()

    with pytest.raises(end), Beside() as beside:
        beside.do(endless)
        assert begun.wait(timeout=30)
        raise end
    assert taken
