"""What must not be held here is found where it is, and not where it only looks so to a machine."""

import random
import time

import pytest
from django.core.exceptions import ValidationError

from cyber360.files.forms import refuse_sensitive
from cyber360.files.models import ConcernKind
from cyber360.files.sensitive import (
    KEEPASS,
    MANY_NUMBERS,
    Search,
    found_in,
    is_nhs_number,
    is_password_table,
    kinds_in,
    kinds_typed,
    markings_in,
    national_insurance_numbers,
)

MARKED = [
    "SECRET",
    "TOP SECRET",
    "UK SECRET",
    "UK TOP SECRET",
    "[SECRET]",
    "** SECRET **",
    "  SECRET\r",
    "SECRET Page 1 of 3",
    "Page 2 of 3 SECRET",
    "TOP SECRET STRAP 2",
    "SECRET - UK EYES ONLY",
    "SECRET//UK EYES ONLY",
    "COSMIC TOP SECRET",
    "Classification: SECRET",
    "Security classification: UK SECRET",
    "Protective marking: Top Secret",
    "MARKING: SECRET",
    "Marking = TOP SECRET",
    "A first line\nSECRET\nA last line",
]
NOT_MARKED = [
    "Secrets management policy",
    "SECRETS MANAGEMENT",
    "SECRET MANAGEMENT POLICY",
    "SECRET SANTA RULES",
    "secretary",
    "COMPANY SECRETARY",
    "top secret recipe",
    "Top secret recipe",
    "secret",
    "Trade secret",
    "Nothing marked SECRET may be sent by mail.",
    "OFFICIAL-SENSITIVE",
    "OFFICIAL - SENSITIVE\nThe secret of good backups",
    "Classification: secret santa",
    "Marking: Secret-sharing guide",
    "Marking: secrets",
    "",
]


@pytest.mark.parametrize("text", MARKED)
def test_a_marking_is_seen(text):
    assert markings_in(text) == 1
    assert kinds_in(text) == {ConcernKind.MARKING: 1}


@pytest.mark.parametrize("text", NOT_MARKED)
def test_a_word_is_no_marking(text):
    assert markings_in(text) == 0
    assert kinds_in(text) == {}


def test_typed_words_need_no_line_of_their_own():
    assert ConcernKind.MARKING in kinds_typed("The SECRET annex to our plan")
    assert ConcernKind.MARKING in kinds_typed("TOP SECRET annex")
    assert kinds_typed("Our secrets management and the top secret recipe of the SECRETARY") == {}


KEYS = [
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    "PuTTY-User-Key-File-3: ssh-ed25519",
]


@pytest.mark.parametrize("text", KEYS)
def test_a_private_key_is_seen(text):
    assert kinds_in(f"Settings\n{text}\nMIIE") == {ConcernKind.PRIVATE_KEY: 1}


@pytest.mark.parametrize(
    "text", ["-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "We keep private keys in a safe. PRIVATE KEY"]
)
def test_what_is_public_is_no_private_key(text):
    assert kinds_in(text) == {}


HEADERS = [
    "name,url,username,password",
    "name,url,username,password,note",
    '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated","timeLastUsed"',
    "Title,URL,Username,Password,Notes,OTPAuth",
    "url,username,password,totp,extra,name,grouping,fav",
    "folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp",
    '"Account","Login Name","Password","Web Site","Comments"',
    '"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"',
    "username,username2,username3,title,password,note,url,category,otpSecret",
    "System\tUser\tPassword",
    "\ufeffServer;Login;Pwd",
]


@pytest.mark.parametrize("line", HEADERS)
def test_a_table_of_logins_is_seen(line):
    assert is_password_table(line)
    assert kinds_in(line + "\nsite,https://example.org,sam,x") == {ConcernKind.PASSWORD_STORE: 1}


@pytest.mark.parametrize(
    "line",
    [
        "System,Owner,Password policy,Reviewed",
        "Name, user name and password are asked for at sign-in.",
        "username,password",
        "Password rules, minimum length, expiry",
        "password",
        "name,url,username,password," + "x" * 500,
    ],
)
def test_a_table_about_passwords_is_none(line):
    assert not is_password_table(line)
    assert kinds_in(line) == {}


def test_lines_with_passwords_count_when_there_are_many_different_ones():
    assert kinds_in("\n".join(f"Password: winter{number}" for number in range(4))) == {}
    assert kinds_in("Password: at least 14 characters\n" * 50) == {}
    assert kinds_in("\n".join(f'"password" : "winter{number}"' for number in range(6))) == {
        ConcernKind.PASSWORD_STORE: 6
    }


@pytest.mark.parametrize("magic", KEEPASS)
def test_a_password_store_is_known_by_its_first_bytes(magic):
    search = Search()
    search.look_at_start(magic + bytes(8))
    assert [found.kind for found in search.result()] == [ConcernKind.PASSWORD_STORE]


def nhs_numbers(count: int, seed: int = 1) -> list[str]:
    """Numbers with a right check digit, computed here by the published steps (999 is the range for tests)."""
    draw, numbers = random.Random(seed), []
    while len(numbers) < count:
        nine = f"999{draw.randrange(1_000_000):06}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
        if check != 10:
            numbers.append(nine + str(check % 11))
    return numbers


def insurance_numbers(count: int) -> list[str]:
    return [f"AB{number:06}C" for number in range(100_000, 100_000 + count)]


def test_check_digits():
    # The example of the NHS Data Dictionary's community, and its neighbours.
    assert is_nhs_number("9434765919")
    assert not is_nhs_number("9434765918")
    assert not is_nhs_number("943476591")
    assert not is_nhs_number("0000000000")
    assert not is_nhs_number("٩٤٣٤٧٦٥٩١٩")
    assert all(map(is_nhs_number, nhs_numbers(200)))
    wrong = [number[:-1] + str((int(number[-1]) + 1) % 10) for number in nhs_numbers(200)]
    assert not any(map(is_nhs_number, wrong))


def test_insurance_numbers_by_their_rules():
    assert national_insurance_numbers("ab 12 34 56 c, AB123456D and AB-12-34-56-A") == {
        "AB123456C", "AB123456D", "AB123456A",
    }  # fmt: skip
    assert national_insurance_numbers("QQ 12 34 56 A is the example on every form") == set()
    for prefix in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "AD", "FA", "IA", "AO", "UA", "VA"):
        assert national_insurance_numbers(f"{prefix} 12 34 56 A") == set()
    assert national_insurance_numbers("AB 12 34 56 E, XAB123456CX") == set()


@pytest.mark.parametrize("make", [nhs_numbers, insurance_numbers])
def test_residents_are_seen_from_the_tenth_number_on(make):
    few, many = make(MANY_NUMBERS - 1), make(MANY_NUMBERS)
    assert kinds_in("\n".join(few) + "\n" + "\n".join(few)) == {}
    assert kinds_in("\n".join(many)) == {ConcernKind.RESIDENT_DATA: MANY_NUMBERS}


def test_numbers_are_seen_in_the_ways_they_are_written():
    spaced = [f"{one[:3]} {one[3:6]} {one[6:]}" for one in nhs_numbers(12)]
    assert ConcernKind.RESIDENT_DATA in kinds_in("; ".join(spaced))
    mixed = nhs_numbers(5) + insurance_numbers(5)
    assert kinds_in(" ".join(mixed)) == {ConcernKind.RESIDENT_DATA: 10}


def test_many_other_numbers_of_ten_digits_are_no_residents():
    draw = random.Random(3)
    others = [str(draw.randrange(10**9, 10**10)) for _number in range(2000)]
    assert sum(map(is_nhs_number, others)) > 100
    assert kinds_in("\n".join(others)) == {}
    assert ConcernKind.RESIDENT_DATA in kinds_in("NHS number\n" + "\n".join(others))


def test_telephones_prices_and_dates_are_no_residents():
    rows = [f"0161 496 {number:04}; 2026-11-{number % 28 + 1:02}; 1,234,{number:03}.00" for number in range(500)]
    assert kinds_in("\n".join(rows)) == {}


def test_numbers_are_counted_across_pages_with_their_places():
    numbers = nhs_numbers(12)
    pages = ["Cover", *["\n".join(numbers[start : start + 4]) for start in (0, 4, 8)], "SECRET"]
    found = {one.kind: one for one in found_in(pages)}
    assert found[ConcernKind.RESIDENT_DATA] == (ConcernKind.RESIDENT_DATA, 12, [2, 3, 4])
    assert found[ConcernKind.MARKING] == (ConcernKind.MARKING, 1, [5])


def test_what_is_found_tells_nothing_of_the_content():
    text = "\n".join([*nhs_numbers(20), "SECRET", KEYS[0]])
    told = repr(found_in([text]))
    assert not any(number in told for number in nhs_numbers(20))
    assert "BEGIN" not in told


@pytest.mark.parametrize(
    "text",
    [
        "SECRET " * 4000,
        "- " * 100_000 + "SECRET",
        "(" * 200_000 + "SECRET",
        "123 456 7890 " * 50_000,
        "password" * 100_000,
        "password: " * 50_000,
        "password for " + "a " * 100_000,
        "pass | " * 50_000,
        "weak password: Summer2026 " * 20_000,
        "SECRET" + " 1" * 90 + "x",
        "-----BEGIN " * 50_000,
        "AB 12 34 56 " * 50_000,
        "name,url,username,password," * 20_000,
    ],
)
def test_no_text_takes_long(text):
    started = time.monotonic()
    kinds_in(text)
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("SECRET annex", "small letters"),
        (KEYS[0], "a private key"),
        ("\n".join(nhs_numbers(10)), "many residents"),
        (HEADERS[0], "passwords"),
    ],
)
def test_typed_words_are_refused_with_how_to_mend_it(words, said):
    with pytest.raises(ValidationError) as refused:
        refuse_sensitive(words)
    assert said in refused.value.messages[0]


def test_honest_words_pass():
    refuse_sensitive("How we manage secrets, and why no key is in this plan. Ring 0161 496 0000.")


ONE_PASSWORD = [
    "password: Hunter2!2026",
    "password: Summer2026",
    "Password = summer2026",
    "Password:Welcome1",
    "pw = Autumn26!",
    "pw: aB3dE5gH7k",
    "PWD=Thornmoor2026;",
    "Login: sam / Pass: Winter2025",
    "The password is Summer2026.",
    "The password for the wifi is Guest-2026",
    "Password for the finance system: Ledger123",
    "Passwort: Sommer2026",
    "Password | Council2026",
    "Password\tSummer2026",
    "Password – Summer2026",
    "passphrase: “Harbour2026”",
    "password was set to Spring2026",
    "Please do not share the password: Summer2026",
    "Password: Summer2026 (never use it elsewhere)",
    "user: sam, pass: Winter2025",
    "The desk tells callers " + "many things " * 30 + "and that the password is Summer2026",
]
ABOUT_PASSWORDS = [
    "Password:",
    "password: see policy",
    "Password: 12-characters",
    "pwd=${DB_Secret1!}",
    "Passwords must have 12 characters",
    "Passwords must have at least 14 characters, changed in 2026.",
    "Password policy: version 2.1, March 2026",
    "Password policy: Version2026",
    "Password: Section12",
    "Password: minimum14 characters",
    "The password is reviewed in Quarter20",
    "Password: Office365 single sign-on",
    "Password storage: bcrypt12 and Argon2id",
    "Weak password: Summer2026",
    "Never use a password: Password1, Summer2026",
    "Do not choose passwords such as Summer2026 or Welcome1.",
    "Pass: 78%",
    "PASS | Control2026 | in place",
    "Pass mark: 80 of 100",
    "pass = 12/15",
    "Password reset: 24-hour line, extension 2026",
    "Password\tOwner\tReviewed2026",
    "Boarding pass: Gate2026",
    "The password is ISO27001-aligned",
    "Bypass: Bridge2026",
]


@pytest.mark.parametrize("line", ONE_PASSWORD)
def test_one_line_with_a_real_password_is_enough(line):
    assert kinds_in(f"System A\n{line}\nEnd of it.") == {ConcernKind.PASSWORD_STORE: 1}


@pytest.mark.parametrize("line", ABOUT_PASSWORDS)
def test_a_line_about_a_password_is_none(line):
    assert kinds_in(line) == {}
