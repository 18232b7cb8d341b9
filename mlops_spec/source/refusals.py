"""Why a text or a path in it is refused: the one list of the codes MS001 to MS049."""

from __future__ import annotations

from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, Place, Related, Severity


class Refusal(NamedTuple):
    """A kind of refusal: its stable code, a one-line title, why it is one, and the way out."""

    code: str
    title: str
    why: str
    way_out: str
    severity: Severity = Severity.ERROR

    def at(
        self, place: Place | None, message: str, *related: Related, hint: str | None = None, address: str = ""
    ) -> Diagnostic:
        """Say that it happened at ``place``; the hint is the usual way out unless a nearer one is given."""
        return Diagnostic(
            self.severity, self.code, message, place, address, self.way_out if hint is None else hint, related
        )


TOO_LARGE = Refusal(
    "MS001", "file too large", "Reading an untrusted spec must end within bounds.", "split it with `include:`"
)
ENCODING = Refusal(
    "MS002", "not UTF-8", "Other encodings are read differently by different tools.", "save the file as UTF-8"
)
CONTROL_CHARACTER = Refusal(
    "MS003",
    "control character",
    "Control characters cannot be seen, and YAML, terminals and Kubernetes treat them differently.",
    'remove it, or write it as an escape in double quotes, such as "\\x07"',
)
LINE_SEPARATOR = Refusal(
    "MS004",
    "unusual line separator",
    "U+0085, U+2028 and U+2029 end a line for some YAML readers and not for others.",
    'remove it, or write it as an escape in double quotes: "\\N", "\\L" or "\\P"',
)
BIDI_CONTROL = Refusal(
    "MS005",
    "invisible direction mark",
    "Bidirectional controls make a text look different from what it says, also in a comment.",
    'remove it, or write it as an escape in double quotes, such as "\\u200E"',
)
TAB = Refusal("MS006", "tab as indentation", "YAML is indented by spaces only.", "indent with spaces")
TOO_DEEP = Refusal(
    "MS007", "nested too deeply", "Reading an untrusted spec must end within bounds.", "close a bracket or flatten it"
)
TOO_MANY_ALIASES = Refusal(
    "MS008",
    "too many aliases",
    "Reading an untrusted spec must end within bounds.",
    "repeat the value, or move it to `variables` or to a layer",
)
CIRCULAR_ALIAS = Refusal(
    "MS009", "alias inside itself", "Such data has no end.", "repeat what is meant instead of the alias"
)
UNKNOWN_ALIAS = Refusal(
    "MS010", "alias without an anchor", "An alias copies what an anchor above it names.", "define the anchor above it"
)
EXPANSION = Refusal(
    "MS011", "aliases expand too far", "Nested aliases can make megabytes of a few lines.", "use fewer nested aliases"
)
MERGE_KEY = Refusal(
    "MS012",
    "merge key",
    "`<<` is no part of YAML 1.2, and readers differ in what it overrides.",
    'use `extends:` or `overrides:`; for the text itself write "<<"',
)
DUPLICATE_KEY = Refusal(
    "MS013", "duplicate key", "Readers keep the first, the last or neither.", "remove one of them, or join their values"
)
SECOND_DOCUMENT = Refusal(
    "MS014", "second document", "A spec file holds one document.", "move it to a file of its own and `include:` it"
)
DIRECTIVE = Refusal("MS015", "directive", "A spec is always read as YAML 1.2.", "remove the line")
TAG = Refusal(
    "MS016",
    "tag",
    "Tags make readers build other types, or run code.",
    "remove it; to keep a number or word as text, quote it",
)
KEY_TYPE = Refusal(
    "MS017", "key that is no text", "Names of a spec are text; JSON and Kubernetes know no other keys.", "quote it"
)
NOT_FINITE = Refusal(
    "MS018",
    "not a finite number",
    "JSON and Kubernetes know neither NaN nor infinities.",
    "leave it out or give a number; for the text, quote it",
)
NUMBER_RANGE = Refusal(
    "MS019", "number too long", "Readers round or refuse what does not fit 64 bits.", "quote it if it is text"
)
AMBIGUOUS = Refusal(
    "MS020", "unquoted and ambiguous", "YAML 1.1 readers, such as kubectl, take it for something else.", "quote it"
)
EMPTY = Refusal("MS021", "empty file", "Nothing is said in it.", "start with `apiVersion: mlops-spec/v1`")
NOT_A_MAP = Refusal(
    "MS022", "no keys at the top", "A spec file is a map of sections.", "start with a key, such as `project:`"
)
UNCLOSED = Refusal(
    "MS023", "quote or bracket not closed", "Everything after it would belong to it.", "close it on the line it is on"
)
INDENTATION = Refusal(
    "MS024",
    "line that does not fit",
    "Indentation says what belongs to what.",
    "align it with the lines that it belongs to",
)
COLON = Refusal(
    "MS025",
    "colon out of place",
    "A key ends with a colon and a blank.",
    "write `key: value`; quote a value that holds `: `",
)
FIRST_CHARACTER = Refusal(
    "MS026", "value that must be quoted", "YAML gives this first character a meaning of its own.", "quote the value"
)
ESCAPE = Refusal(
    "MS027",
    "unknown escape",
    "Double quotes read a backslash as the start of an escape.",
    "use single quotes, or write the backslash twice",
)
SYNTAX = Refusal("MS028", "not YAML", "The text cannot be read as data.", "look at this line and the one before it")
SUPPRESSION = Refusal(
    "MS029",
    "suppression that cannot be read",
    "It would silently suppress nothing.",
    "write `# mlops-spec: ignore[MS204] why it is fine here`",
    Severity.WARNING,
)
PATH_FORM = Refusal(
    "MS030",
    "path that is not relative",
    "A spec reads only files of its own repository, the same ones on every machine.",
    "write a relative path with `/`, where `..` stands only at the start",
)
PATH_OUTSIDE = Refusal(
    "MS031",
    "path that leads outside",
    "A pull request must not make us read other files of the machine.",
    "copy the file into the spec's folder",
)
PATH_MISSING = Refusal("MS032", "no such file", "The path names nothing.", "create it or correct the path")
PATH_KIND = Refusal("MS033", "not a file, or not a folder", "Another kind is needed here.", "name what is asked for")
PATH_UNREADABLE = Refusal("MS034", "file that cannot be read", "The system refused it.", "check its permissions")

REFUSALS: tuple[Refusal, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Refusal))
