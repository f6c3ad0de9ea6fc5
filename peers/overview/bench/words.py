"""Invented names and texts for a generated programme: plain data out of a seeded random source."""

from random import Random

TREES = ("Alder", "Ash", "Aspen", "Beech", "Birch", "Bramble", "Cedar", "Elder", "Elm", "Fern", "Hawthorn", "Hazel",
         "Heather", "Holly", "Juniper", "Larch", "Linden", "Maple", "Oak", "Rowan", "Sallow", "Thorn", "Willow",
         "Yew")  # fmt: skip
PLACES = ("bourne", "bridge", "combe", "dale", "fold", "ford", "gate", "ham", "holme", "hurst", "ley", "mere", "mouth",
          "ness", "stead", "stow", "wick", "worth")  # fmt: skip
GIVEN = ("Aisha", "Alun", "Amara", "Bethan", "Callum", "Chidi", "Clare", "Dafydd", "Dev", "Elin", "Farah", "Grace",
         "Gwen", "Hamza", "Imogen", "Iolo", "Jo", "Kemi", "Leon", "Megan", "Nia", "Omar", "Priya", "Rhys", "Sam",
         "Tariq", "Una", "Vikram", "Wren", "Yusuf")  # fmt: skip
FAMILY = ("Adeyemi", "Ashcroft", "Begum", "Birtwistle", "Castell", "Driscoll", "Evans", "Farouk", "Greaves", "Hallam",
          "Ibrahim", "Jenkins", "Kaur", "Lockwood", "Mistry", "Nuttall", "Okafor", "Parry", "Quayle", "Rowland",
          "Shah", "Thackray", "Unwin", "Vaughan", "Whittle", "Yorke")  # fmt: skip
REGIONS = ("East Midlands", "East of England", "London", "North East", "North West", "South East", "South West",
           "West Midlands", "Yorkshire and The Humber")  # fmt: skip
KINDS = ("district", "district", "district", "unitary", "county", "london_borough", "metropolitan_borough")
SENTENCES = (
    "The management team reads the risk report every quarter and asks what has changed since the last one.",
    "Two services still keep their own lists of systems, and the lists do not agree.",
    "Staff told us that they would report a mistake, and could name the person they would tell.",
    "The last exercise stopped before recovery began, so nobody has tried it end to end.",
    "A named director owns the register, and each entry has a date by which it is looked at again.",
    "New starters are shown how to report in their first week; agency staff often are not.",
    "The contract with the largest supplier says nothing of how soon we would be told.",
    "Members of the scrutiny committee have had one briefing and have asked for a second.",
    "Backups are kept apart from the network and one was restored in the spring.",
    "Managers speak of security when a project begins, less often once it is running.",
    "The duty phone is answered, though two of the numbers on the list were out of date.",
    "People in the depots have no account of their own and share one computer.",
    "We learned from the outage of the payment system and wrote down what we would do again.",
    "The budget for replacing old systems is agreed for one year and not yet for the next.",
    "Neighbouring councils meet every second month and share what they see.",
    "We know of the gap, have said so to the board, and have a date for closing it.",
)
HEADLINES = (
    "Directors speak of cyber risk in words that their services use",
    "The list of systems is not yet one list",
    "Staff report early because reporting is easy",
    "Recovery has not been tried from end to end",
    "Suppliers are not yet asked what they would tell you, and when",
    "Scrutiny members want to ask better questions",
    "Agency staff miss the first-week introduction",
    "Old systems have owners but no date to leave",
)


def invented_place(number: int) -> str:
    """A different name for each number: 432 compounds, then the same with a prefix."""
    compound, again = number % (len(TREES) * len(PLACES)), number // (len(TREES) * len(PLACES))
    name = TREES[compound % len(TREES)] + PLACES[compound // len(TREES)]
    return f"{'Upper ' * again}{name}"


def invented_person(rng: Random) -> str:
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def text(rng: Random, sentences: int) -> str:
    return " ".join(rng.choices(SENTENCES, k=sentences))
