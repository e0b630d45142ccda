from hypothesis import example, given
from hypothesis import strategies as st

from audit.history import arrival_ms
from indicators.known import had_arrived
from vungxanh.file_history import _first_unknown

instants = st.one_of(st.integers(-5_000, 5_000), st.integers(-(10**16), 10**16))


@given(instants, instants)
@example(-1, -1)
@example(999, 0)
@example(1_000, 999)
def test_the_bound_of_what_was_known_is_had_arrived(arrived_at: int, known: int) -> None:
    assert (arrived_at < _first_unknown(known)) == had_arrived(arrival_ms(arrived_at), known)
