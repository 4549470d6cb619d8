"""What a reader passes over counts less: places, denials, what was tried, what works, quoted mail (docs/classifier.md)."""

import pytest

from services.routing.rules.text_kind import classify


def weights(text: str) -> dict[str, float]:
    return {word.word: word.weight for word in classify(text).words}


@pytest.mark.parametrize(
    ("place", "thing"),
    [
        ("it happens on my laptop", "my laptop has it"),
        ("cela arrive sur mon nouveau portable", "mon nouveau portable a cela"),
        ("from our old computers", "our old computers"),
    ],
)
def test_a_machine_named_as_a_place_says_little(place: str, thing: str) -> None:
    """Software happens on machines: "Outlook crashes on my laptop"."""
    assert classify(place).confidence < classify(thing).confidence


def test_a_broken_machine_is_hardware_wherever_it_stands() -> None:
    """Only the machine itself fades as a place; what broke does not."""
    assert classify("I spilled coffee on my laptop").kind == "hardware"


@pytest.mark.parametrize(
    "text", ["It is not the software, it is the adapter.", "Ce n'est pas le logiciel, c'est l'adaptateur."]
)
def test_what_is_denied_speaks_for_the_other(text: str) -> None:
    """ "not the software" is a word for hardware, a weak one."""
    found = classify(text)
    assert found.kind == "hardware"
    assert all(word.weight > 0 for word in found.words)


def test_not_having_a_thing_does_not_deny_it() -> None:
    """ "Je n'ai pas le chargeur" asks for a charger."""
    assert classify("Je n'ai pas le chargeur").kind == "hardware"


@pytest.mark.parametrize(
    "text",
    [
        "The speaker crackles. I tried another program and reinstalled the driver.",
        "L'enceinte crépite. J'ai essayé un autre logiciel et réinstallé le pilote.",
    ],
)
def test_what_was_tried_counts_less_than_what_is_wrong(text: str) -> None:
    """Customers list the remedies that did not help."""
    found = classify(text)
    assert found.kind == "hardware"
    assert found.confidence > 0.75


@pytest.mark.parametrize("before", ["(already rebooted)", ", tried everything:", "! It works, not"])
def test_a_text_may_begin_with_a_mark(before: str) -> None:
    """Before the first mark there is a clause of no words."""
    assert classify(f"{before} the printer is dead").kind == "hardware"


def test_the_sentence_after_what_was_tried_counts_in_full() -> None:
    """The discount ends with its sentence."""
    assert weights("I tried it. The printer jams.")["printer"] == pytest.approx(2.7, abs=0.3)
    assert weights("I tried the printer.")["printer"] < 1.2


def test_what_works_counts_half() -> None:
    """ "The printer works fine" is no complaint about the printer; "the printer works only when warm" is."""
    alone = weights("the printer")["printer"]
    assert weights("the printer works fine")["printer"] == pytest.approx(alone / 2, abs=0.01)
    assert weights("the printer works only when warm")["printer"] == alone
    assert (
        weights("l'imprimante fonctionne bien")["imprimante"] < weights("l'imprimante ne fonctionne pas")["imprimante"]
    )


def test_what_began_it_counts_more() -> None:
    """ "Since the update" names the cause."""
    assert weights("since the last update")["update"] < weights("the last update")["update"] < 0


def test_what_comes_first_counts_more() -> None:
    """A text is about what it opens with."""
    filler = "one two three four five six seven eight nine ten " * 4
    assert classify("The printer fails. " + filler + " Excel is open.").kind == "hardware"
    assert classify("Excel fails. " + filler + " The printer is on.").kind == "software"


def test_a_word_said_twice_counts_once() -> None:
    """Repeating is not proving."""
    assert classify("printer printer printer").confidence == classify("printer").confidence


LETTER = "Hello,\n{}\n\nRegards,\nLee\nHead of Printer and Laptop Repair\nPhone: 555 0142 77\n"


def test_a_signature_says_little() -> None:
    """The sender's trade is not the trouble."""
    text = LETTER.format("I cannot log in to the portal, my password is refused.")
    assert classify(text).kind == "software"
    assert weights(text)["Printer"] < 0.3


def test_quoted_mail_says_little_beside_the_answer() -> None:
    """What is quoted was the matter before."""
    text = "The webcam is still dead.\n\n> Did reinstalling the software help?\n> Update the application, please.\n"
    assert classify(text).kind == "hardware"


def test_a_forwarded_mail_decides_where_nothing_else_is_said() -> None:
    """ "See below": then what is below counts."""
    text = "Please see below.\n\n-----Original Message-----\nFrom: Ann\nMy laptop fell and the display is broken.\n"
    assert classify(text).kind == "hardware"


def test_an_answers_title_says_less_than_its_text() -> None:
    """ "RE: new laptop" may be about anything by now; a first title says what it is about."""
    text = "Subject: {}new laptop\n\nI cannot sign in to the intranet, and it asks for an activation code.\n"
    assert classify(text.format("RE: ")).kind == "software"
    assert weights(text.format("RE: "))["new laptop"] < 2 < 4 < weights(text.format(""))["new laptop"]
    assert classify("Subject: broken printer\n\nPlease help.").confidence > classify("broken printer").confidence


@pytest.mark.parametrize("tail", ["Sent from my iPhone", "Envoyé de mon iPhone", "Envoyé depuis mon téléphone"])
def test_the_telephone_that_a_mail_was_sent_from_says_nothing(tail: str) -> None:
    """Programs add that line, not people."""
    assert classify(f"My password is refused.\n\n{tail}") == classify("My password is refused.\n\n")
    assert classify(f"My password is refused. {tail}").words == classify("My password is refused. ").words


def test_mail_sent_from_a_telephone_can_be_the_trouble() -> None:
    """Only at the end is it such a line."""
    assert "password" in weights("What is sent from my office goes nowhere, for the portal refuses my password in town")


def test_addresses_and_telephone_numbers_say_nothing() -> None:
    """printer@example.org is nobody's printer."""
    assert classify("printer@example.org https://printer.example.org www.printer.example tel. 555 0142 77").words == ()
