"""What is done about people, by the command as by the page: inviting, two people for some roles, leaving."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from improvement import dates, mail
from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.rules import SERVICE, Held, NotAnEmail, Person, Role, RoleNeedsScope
from improvement.database import Database
from improvement.errors import Conflict, Mistakes, NotAllowed, NotFound
from improvement.people import commands, queries, rules
from improvement.people.commands import NewName, NewPerson, NewRole, NotARoleToGive, NotText

HEAD = "email,name,role,region,council\n"
AT = dates.now()


@pytest.fixture
def session(seeded: Database) -> Iterator[Session]:
    """A transaction that is thrown away."""
    with pytest.raises(ZeroDivisionError), seeded.writing() as session:
        yield session
        raise ZeroDivisionError


def add(session: Session, email: str, role: Role, **place: str) -> Person:
    access.add_person(session, email, email.partition("@")[0], Held(role, **place), by=SERVICE, at=AT)
    return access.find_person(session, email)


@pytest.fixture
def anna(session: Session) -> Person:
    """One of the secretariat."""
    return add(session, "anna@example.org", Role.SECRETARIAT)


@pytest.fixture
def ben(session: Session) -> Person:
    """Another of the secretariat."""
    return add(session, "ben@example.org", Role.SECRETARIAT)


def held_by(session: Session, email: str) -> list[str]:
    return [queries.in_words(session, held) for held in access.find_person(session, email).holds]


def invite_board(session: Session, by: Person) -> int:
    id_ = commands.invite(session, NewPerson("cy@example.org", "Cy", Role.BOARD), by=by, at=AT)
    return access_queries.somebody(session, id_).holdings[0].id


def test_a_council_officer_is_in_at_once_and_told_so(session: Session, anna: Person) -> None:
    new = NewPerson("Dee@Example.org ", "Dee", Role.OFFICER, council="brent")
    commands.invite(session, new, by=anna, at=AT, address="https://tracker.example.org")
    assert held_by(session, "dee@example.org") == ["Council officer, Brent"]
    message = mail.newest(session)[0]
    assert (message.to, "https://tracker.example.org/sign-in" in message.body) == ("dee@example.org", True)


def test_a_board_member_is_in_when_a_second_person_has_confirmed_it(
    session: Session, anna: Person, ben: Person
) -> None:
    holding = invite_board(session, anna)
    assert held_by(session, "cy@example.org") == []
    with pytest.raises(rules.TakesTwoPeople):
        commands.confirm_role(session, holding, by=anna, at=AT)
    commands.confirm_role(session, holding, by=ben, at=AT, address="https://tracker.example.org")
    assert held_by(session, "cy@example.org") == ["Board member"]
    assert mail.newest(session)[0].to == "cy@example.org"
    with pytest.raises(rules.ConfirmedAlready):
        commands.confirm_role(session, holding, by=ben, at=AT)


def test_a_proposal_can_be_turned_down_and_made_again(session: Session, anna: Person, ben: Person) -> None:
    holding = invite_board(session, anna)
    commands.revoke(session, holding, by=ben)
    with pytest.raises(NotFound):
        commands.confirm_role(session, holding, by=ben, at=AT)
    assert invite_board(session, ben)


def test_the_same_role_is_not_given_twice_and_another_is(session: Session, anna: Person) -> None:
    officer = NewPerson("dee@example.org", "Dee", Role.OFFICER, council="brent")
    id_ = commands.invite(session, officer, by=anna, at=AT)
    with pytest.raises(access.RoleHeldAlready):
        commands.invite(session, officer, by=anna, at=AT)
    commands.give_role(session, id_, NewRole(Role.COORDINATOR, region="london"), by=anna, at=AT)
    assert held_by(session, "dee@example.org") == ["Council officer, Brent", "Regional coordinator, London"]


@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        (NewPerson("dee", "Dee", Role.OFFICER, council="brent"), NotAnEmail),
        (NewPerson("dee@example.org", "Dee", Role.OFFICER), RoleNeedsScope),
        (NewPerson("dee@example.org", "Dee", Role.OFFICER, council="brent", region="london"), RoleNeedsScope),
        (NewPerson("dee@example.org", "Dee", Role.COORDINATOR, council="brent"), RoleNeedsScope),
        (NewPerson("dee@example.org", "Dee", Role.BOARD, region="london"), RoleNeedsScope),
        (NewPerson("dee@example.org", "Dee", Role.OFFICER, council="atlantis"), NotFound),
        (NewPerson("dee@example.org", "Dee", Role.SERVICE), NotARoleToGive),
    ],
)
def test_what_does_not_fit_is_refused(session: Session, anna: Person, new: NewPerson, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        commands.invite(session, new, by=anna, at=AT)


@pytest.mark.parametrize("role", [Role.BOARD, Role.CHAIR])
def test_only_the_secretariat_looks_after_people(session: Session, anna: Person, role: Role) -> None:
    other = add(session, "eve@example.org", role)
    with pytest.raises(NotAllowed):
        commands.invite(session, NewPerson("f@example.org", "F", Role.BOARD), by=other, at=AT)
    with pytest.raises(NotAllowed):
        commands.leave(session, anna.id, by=other, at=AT)
    with pytest.raises(NotAllowed):
        commands.rename(session, anna.id, NewName("X"), by=other)


def test_somebody_who_leaves_has_nothing_left_and_comes_back_with_nothing(
    session: Session, anna: Person, ben: Person
) -> None:
    token = access.make_token(session, "ben@example.org", 30, at=AT)
    commands.leave(session, ben.id, by=anna, at=AT)
    assert access_queries.of_token(session, token, AT) is None
    assert access_queries.by_email(session, "ben@example.org") is None
    with pytest.raises(rules.LeftAlready):
        commands.leave(session, ben.id, by=anna, at=AT)
    commands.invite(session, NewPerson("ben@example.org", "Ben", Role.OFFICER, council="brent"), by=anna, at=AT)
    assert access.find_person(session, "ben@example.org").id == ben.id
    assert held_by(session, "ben@example.org") == ["Council officer, Brent"]


def test_the_last_of_the_secretariat_neither_leaves_nor_loses_the_role(session: Session, anna: Person) -> None:
    with pytest.raises(rules.LastOfTheSecretariat):
        commands.leave(session, anna.id, by=anna, at=AT)
    holding = access_queries.somebody(session, anna.id).holdings[0].id
    with pytest.raises(rules.LastOfTheSecretariat):
        commands.revoke(session, holding, by=anna)


def test_the_tracker_itself_is_nobody_to_look_after(session: Session, anna: Person) -> None:
    with pytest.raises(NotFound):
        commands.leave(session, SERVICE.id, by=anna, at=AT)
    assert "The tracker" not in [row.name for row in queries.everybody(session)]


def test_a_file_invites_everybody_in_it(session: Session, anna: Person) -> None:
    text = commands.as_text(
        (
            "\ufeff" + HEAD + "f@example.org,Ффион,Officer,,brent\r\n\r\ng@example.org,Gus,coordinator,london,\r\n"
        ).encode()
    )
    assert commands.invite_all(session, text, by=anna, at=AT) == 2
    assert held_by(session, "g@example.org") == ["Regional coordinator, London"]


def test_a_file_of_another_spreadsheet_is_read_too(session: Session, anna: Person) -> None:
    text = "Name;Role;E-mail;email;council\nFi;officer;x;f@example.org;brent\n".encode("utf-16")
    assert commands.invite_all(session, commands.as_text(text), by=anna, at=AT) == 1


def test_every_mistake_of_a_file_is_told_by_its_row(session: Session, anna: Person) -> None:
    rows = [
        "f@example.org,Fi,officer,,brent", "", "nobody,,king,,", "g@example.org,Gus,officer,,atlantis",
        "f@example.org,Fi,officer,,brent", "h@example.org,H\0,board,,", f"i@example.org,{'x' * 300},board,,",
    ]  # fmt: skip
    with pytest.raises(Mistakes) as told:
        commands.invite_all(session, HEAD + "\n".join(rows), by=anna, at=AT)
    assert list(told.value.fields) == ["row-4", "row-5", "row-6", "row-7", "row-8"]
    assert told.value.fields["row-4"].startswith("Row 4: “king” is not a role.")
    assert "There is no council “atlantis”" in told.value.fields["row-5"]


@pytest.mark.parametrize(
    "text", ["", "email,name\nx@example.org,X\n", HEAD, '"', "a\0b,c", HEAD + "a@b.org,B, C,board,,x\n"]
)
def test_a_file_that_is_none_is_refused_with_what_it_needs(session: Session, anna: Person, text: str) -> None:
    with pytest.raises(Mistakes) as told:
        commands.invite_all(session, text, by=anna, at=AT)
    assert list(told.value.fields) == ["file"]


def test_letters_that_cannot_be_told_for_certain_are_refused() -> None:
    with pytest.raises(NotText):
        commands.as_text((HEAD + "f@example.org,José,officer,,brent\n").encode("cp1252"))


def test_a_confirmation_of_nothing_is_not_found(session: Session, anna: Person) -> None:
    with pytest.raises(NotFound):
        commands.confirm_role(session, 10_000, by=anna, at=AT)


def test_leaving_twice_is_a_conflict() -> None:
    assert issubclass(rules.LeftAlready, Conflict)
