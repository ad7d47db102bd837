"""Who may become what, and who has to agree to it."""

import pytest

from improvement.access.rules import TAKES_TWO, Held, Role
from improvement.people.rules import (
    MAY_DO,
    WORDS,
    ConfirmedAlready,
    LastOfTheSecretariat,
    Proposal,
    TakesTwoPeople,
    check_confirm,
    check_not_last,
    takes_two,
)

BOARD, OFFICER, SECRETARIAT = Held(Role.BOARD), Held(Role.OFFICER, council="brent"), Held(Role.SECRETARIAT)
PROPOSER, NEWCOMER, SECOND = 2, 3, 4


def test_the_secretariat_the_board_and_its_chair_take_two_people() -> None:
    assert {role for role in Role if takes_two(role)} == {Role.SECRETARIAT, Role.BOARD, Role.CHAIR} == TAKES_TWO


def test_every_role_that_people_hold_has_words() -> None:
    assert set(WORDS) == set(MAY_DO) == set(Role) - {Role.SERVICE}


def test_a_second_person_confirms() -> None:
    check_confirm(Proposal(BOARD, to=NEWCOMER, by=PROPOSER, confirmed=False), SECOND)


@pytest.mark.parametrize("who", [PROPOSER, NEWCOMER])
def test_neither_the_proposer_nor_who_it_is_for_confirms(who: int) -> None:
    with pytest.raises(TakesTwoPeople):
        check_confirm(Proposal(BOARD, to=NEWCOMER, by=PROPOSER, confirmed=False), who)


def test_a_role_is_confirmed_once() -> None:
    with pytest.raises(ConfirmedAlready):
        check_confirm(Proposal(BOARD, to=NEWCOMER, by=PROPOSER, confirmed=True), SECOND)


def test_the_last_of_the_secretariat_stays() -> None:
    with pytest.raises(LastOfTheSecretariat):
        check_not_last(SECRETARIAT, confirmed=True, others=0)


def test_everybody_else_may_go_and_a_proposal_may_be_turned_down() -> None:
    check_not_last(SECRETARIAT, confirmed=True, others=1)
    check_not_last(SECRETARIAT, confirmed=False, others=0)
    check_not_last(OFFICER, confirmed=True, others=0)
