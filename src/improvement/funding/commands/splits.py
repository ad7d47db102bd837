"""What must hold of what-if splits, and adopting one."""

from sqlalchemy.orm import Session

from improvement.funding.commands.keeping import Facts, Trying


def adopted(session: Session, trying: Trying) -> Facts:
    """The facts that adopting the split an agreement names comes with."""
    return []
