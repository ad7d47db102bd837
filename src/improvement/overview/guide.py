"""The lists of the guide and the statements: its pages, the words used here, what is kept about people."""

import msgspec


class Topic(msgspec.Struct, frozen=True):
    """One page of the guide."""

    title: str
    lede: str


TOPICS: dict[str, Topic] = {
    "everybody": Topic("For everybody", "What you can find here without signing in."),
    "council-officers": Topic("For council officers", "Record your local account, your concerns and your actions."),
    "regional-coordinators": Topic("For regional coordinators", "Keep the councils of your region up to date."),
    "board": Topic("For Board members and the chair", "Understand the month, and approve reports."),
    "secretariat": Topic("For the secretariat", "Run the programme: money, reports and people."),
    "money": Topic(
        "Money, from the split to the year’s end", "Who gets what, claims, payments, forecasts and closing."
    ),
    "data": Topic("For people who use the data", "Open data, and the API."),
    "signing-in": Topic("Signing in and out", "There is no password: we send you a link."),
    "finding-your-way": Topic("Finding your way", "Looking back, putting things right, lists and forms."),
    "words": Topic("Words used here", "What we mean by the words on these pages."),
}

WORDS: tuple[tuple[str, str], ...] = (
    ("Accrual", "Money that is owed and not paid yet."),
    ("Action", "Something a council does to put a concern right, with an owner and a target date."),
    ("Allocation", "Money set aside for a funding line. Until the MoU is agreed it is indicative."),
    ("Board report", "What the Programme Board reads each month, made from what was recorded."),
    ("Carry-forward", "Money that a line has not spent and may keep for the year after."),
    ("Cash in hand", "Instalments received and refunds, less payments and money returned to the funder."),
    ("Claim", "A region’s request for money it has spent, with its evidence."),
    ("Commitment", "Money of a line that was promised to somebody."),
    ("Concern", "Something about care in a council that should get better."),
    ("Council", "A council in England with adult social services responsibilities."),
    ("Deadline", "31 December 2011 for the accounts of 2011/12. It is a suggested date, not a duty."),
    ("Forecast", "What a line is expected to pay in each month to come."),
    ("Funding line", "What money is given to: a national post, or a region."),
    ("Instalment", "Money due from the funder, perhaps on conditions."),
    ("Local account", "A council’s yearly report to its citizens on how its adult social care is doing."),
    ("MoU", "Memorandum of Understanding: the agreement with the funder on how much money there is, and what for."),
    ("Outturn", "What a line has paid, or is expected to have paid, by the end of the year."),
    ("Payment run", "Approved claims that were paid together."),
    ("Position", "Where a council’s account stands against the deadline, such as “published on time”."),
    ("Profile", "What a line was planned to pay, month by month."),
    ("Programme year", "1 April to 31 March. The account of 2011/12 is the one produced in that year."),
    ("RAG", "Red, amber or green: how an action is going."),
    ("Region", "One of the nine regions of the Association of Directors of Adult Social Services (ADASS)."),
    ("Release", "Giving back part of an allocation or commitment that is not needed."),
    ("Reading", "What somebody found in an account: its themes, how people had a part, its balance."),
    ("Restatement", "A new version of a report that was issued, because something in it was put right."),
    ("Slip", "A target date that was moved later."),
    ("Split", "A what-if: one way to divide the MoU among posts and regions."),
    ("Status", "What a council says about its account, such as “drafting”."),
    ("Unallocated", "Money of the MoU that is set aside for no line."),
    ("Variance", "What is allocated less what is expected to be spent. Above zero is an underspend."),
    ("Virement", "Money moved between lines by one decision."),
)

KEPT: tuple[tuple[str, str, str], ...] = (
    (
        "Your name, work e-mail address and roles",
        "To let you in, and to show who recorded what",
        "While you have a role. When you leave your roles end at once; your name stays beside what you recorded",
    ),
    (
        "What you recorded, when and in which role",
        "It is the record of the programme",
        "As long as the tracker is kept",
    ),
    (
        "When you signed in and were last here",
        "To keep you signed in, and to show you where you are",
        "A day after the eight hours it can last, or until you sign out",
    ),
    (
        "The day you last signed in",
        "So that the secretariat, and a council’s regional coordinator, can see who has not been able to",
        "Until you leave. It is the day only, and nobody is ranked by it",
    ),
    (
        "That a link to sign in was asked for",
        "So that it works once, and not too often",
        "A day after it stops working",
    ),
    ("Fingerprints of your personal tokens", "To know a token when a program sends it", "A day after it ends"),
    ("E-mails we sent you", "So that we can see whether they arrived", "30 days"),
    (
        "That an e-mail to your address came back, and why",
        "So that somebody can put the address right, and we do not keep writing to it",
        "Until the address is changed, you sign in, or somebody says to try again",
    ),
    (
        "Which reminders were written to your address, about what, and what became of them",
        "So that the secretariat can see who was reminded",
        "As long as the tracker is kept",
    ),
    ("That you want no reminders", "So that none is sent to you", "Until you ask for them again"),
    (
        "Files you attach to a claim or as evidence",
        "They show what the money paid for",
        "As long as the tracker is kept",
    ),
    (
        "A fingerprint of each form you sent",
        "So that what is sent twice is recorded once",
        "As long as what you recorded",
    ),
)
