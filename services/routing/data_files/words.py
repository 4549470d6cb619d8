"""What `fixline decide` and `fixline import` say of broken data files: what is wrong, then the mend."""

from typing import Final

from services.routing.phrase import Phrase

WORDS: Final = {
    # the file
    "file_missing": Phrase(
        "there is no such file in {folder}; put it there, with its header line even if it has no rows",
        "ce fichier n'est pas dans {folder}; mettez-l'y, avec sa ligne d'en-tête même s'il n'a aucune ligne de données",
    ),
    "file_unreadable": Phrase(
        "cannot be read ({why}); mend that and try again",
        "ne peut pas être lu ({why}); corrigez cela et essayez de nouveau",
    ),
    "file_empty": Phrase(
        "is empty; its first line must be the header: {columns}",
        "est vide; sa première ligne doit être l'en-tête : {columns}",
    ),
    "file_utf16": Phrase(
        "is UTF-16 text; save it as UTF-8",
        "est un texte UTF-16; enregistrez-le en UTF-8",
    ),
    "file_separator": Phrase(
        'its fields are separated by {separator}; use commas (","), as RFC 4180 says',
        "ses champs sont séparés par {separator}; utilisez des virgules (« , »), comme le veut la RFC 4180",
    ),
    # the header
    "column_missing": Phrase(
        "the header has no such column; add it (its cells may be empty where nothing is known)",
        "l'en-tête n'a pas cette colonne; ajoutez-la (ses cellules peuvent être vides si rien n'est connu)",
    ),
    "column_unknown": Phrase(
        "is not a column of this file; take it out, or correct its name; the columns are {columns}",
        "n'est pas une colonne de ce fichier; enlevez-la ou corrigez son nom; les colonnes sont {columns}",
    ),
    "column_twice": Phrase(
        "is in the header twice; keep one",
        "figure deux fois dans l'en-tête; gardez-en une",
    ),
    # the record
    "quoting": Phrase(
        "a closing quote must be followed by a comma or the line's end; double each quote that belongs to the text",
        "un guillemet fermant doit être suivi d'une virgule ou de la fin de ligne; doublez ceux qui sont dans le texte",
    ),
    "quote_bare": Phrase(
        '{cell} holds a quote; put the whole field between quotes and double each that belongs to the text: "19"" rack"',
        '{cell} contient un guillemet; mettez tout le champ entre guillemets et doublez ceux du texte : "Rack 19"""',
    ),
    "quote_open": Phrase(
        "a quote opened in this record is never closed; close it (rows after it were not read)",
        "un guillemet ouvert ici n'est jamais fermé; fermez-le (les lignes suivantes n'ont pas été lues)",
    ),
    "field_huge": Phrase(
        "a field holds more than {limit} characters; is a quote left open? (rows after it were not read)",
        "un champ compte plus de {limit} caractères; un guillemet est-il resté ouvert? (la suite n'a pas été lue)",
    ),
    "too_few": Phrase(
        "has {count} fields where the header names {width}; add what is missing (a comma for each empty one)",
        "compte {count} champs alors que l'en-tête en nomme {width}; ajoutez ceux qui manquent (une virgule par vide)",
    ),
    "too_many": Phrase(
        "has {count} fields where the header names {width}; put quotes around a text that holds a comma",
        "compte {count} champs alors que l'en-tête en nomme {width}; mettez entre guillemets un texte à virgule",
    ),
    # the cell
    "not_utf8": Phrase(
        "{cell} has bytes that are not UTF-8; save the file as UTF-8",
        "{cell} contient des octets qui ne sont pas de l'UTF-8; enregistrez le fichier en UTF-8",
    ),
    "nul": Phrase(
        "{cell} holds a NUL character; take it out",
        "{cell} contient un caractère NUL; enlevez-le",
    ),
    "control": Phrase(
        "{cell} holds a character that cannot be seen; take it out",
        "{cell} contient un caractère invisible; enlevez-le",
    ),
    "too_long": Phrase(
        "{cell} is {length} characters long; {limit} at most",
        "{cell} compte {length} caractères; {limit} au plus",
    ),
    "empty": Phrase("is empty; give it a value", "est vide; donnez-lui une valeur"),
    "not_a_date": Phrase("{cell} is not a date (YYYY-MM-DD)", "{cell} n'est pas une date (AAAA-MM-JJ)"),
    "not_a_boolean": Phrase("{cell} is not true or false", "{cell} n'est ni true ni false"),
    "not_an_integer": Phrase(
        "{cell} is not a whole number from {low} to {high}",
        "{cell} n'est pas un nombre entier de {low} à {high}",
    ),
    "not_one_of": Phrase("{cell} is not one of {allowed}", "{cell} n'est pas l'un de {allowed}"),
    "not_a_country": Phrase(
        "{cell} is not a country's two letters (CA, US …)",
        "{cell} n'est pas un pays en deux lettres (CA, US …)",
    ),
    "not_a_timezone": Phrase(
        "{cell} is not a time zone of the IANA data; write one such as America/Toronto",
        "{cell} n'est pas un fuseau horaire des données de l'IANA; écrivez-en un comme America/Toronto",
    ),
    "not_an_email": Phrase(
        "{cell} is not an e-mail address (name@example.com)",
        "{cell} n'est pas une adresse courriel (nom@example.com)",
    ),
    "not_a_phone": Phrase(
        "{cell} is not a telephone number; write it with its country, as +15145550123",
        "{cell} n'est pas un numéro de téléphone; écrivez-le avec son pays, comme +15145550123",
    ),
    "desk_name": Phrase(
        "{cell} is the name of a desk's queue; give the territory another name",
        "{cell} est le nom de la file d'un bureau; donnez un autre nom au territoire",
    ),
    # rows held against each other
    "key_twice": Phrase(
        "{cell} was given on line {first} already; keep one of the two rows",
        "{cell} figure déjà à la ligne {first}; gardez l'une des deux lignes",
    ),
    "row_twice": Phrase(
        "is the same row as line {first}; keep one",
        "est identique à la ligne {first}; gardez-en une",
    ),
    "customer_unknown": Phrase(
        "{cell} is not in customers.csv; add the customer there or correct the number",
        "{cell} n'est pas dans customers.csv; ajoutez-y le client ou corrigez le numéro",
    ),
    "site_unknown": Phrase(
        "{cell} is not in sites.csv; add the site there or correct its id",
        "{cell} n'est pas dans sites.csv; ajoutez-y le site ou corrigez son identifiant",
    ),
    "site_of_another": Phrase(
        "{cell} is a site of another customer than contract {contract}; correct the site or the contract",
        "{cell} est le site d'un autre client que celui du contrat {contract}; corrigez le site ou le contrat",
    ),
    "contract_unknown": Phrase(
        "{cell} is not in contracts.csv; add the contract there or correct the number",
        "{cell} n'est pas dans contracts.csv; ajoutez-y le contrat ou corrigez le numéro",
    ),
    "contract_not_hardware": Phrase(
        "{cell} is a contract of kind software_subscription, which covers no machine; "
        "name a hardware contract, or move the row to entitlements.csv",
        "{cell} est un contrat de type software_subscription, qui ne couvre aucune machine; "
        "nommez un contrat de matériel ou déplacez la ligne dans entitlements.csv",
    ),
    "contract_not_software": Phrase(
        "{cell} is a contract of kind {kind}; an entitlement needs one of kind software_subscription",
        "{cell} est un contrat de type {kind}; un droit d'utilisation exige le type software_subscription",
    ),
    "level_missing": Phrase(
        "is empty here and on contract {contract}; give the level on one of the two",
        "est vide ici et sur le contrat {contract}; donnez le niveau sur l'un des deux",
    ),
    "ends_before_start": Phrase(
        "{end} is before {start_column}, {start}; correct one of the two",
        "{end} précède {start_column}, {start}; corrigez l'une des deux dates",
    ),
    "replaces_itself": Phrase(
        "{cell} is the row's own serial; name the older machine's",
        "{cell} est le numéro de série de la ligne même; nommez celui de l'ancienne machine",
    ),
    "more": Phrase("and {count} more", "et {count} de plus"),
}
