"""The small words that turn a sentence round: no, never, rose against fell, may against did. For `assistant.reading`.

Tables of general English, kept short on purpose: they hold what news turns on, not a dictionary.
"""

from functools import lru_cache
from typing import Final

from ingest.words import words_of

__all__ = ["FUNCTION_WORDS", "are_opposites", "are_synonyms", "hedge_level", "is_negation", "is_past", "stem"]

_IRREGULAR: Final = {
    form: forms.split()[0]
    for forms in (
        "arise arose arisen|become became|begin began begun|bring brought|break broke broken|build built|buy bought|"
        "catch caught|choose chose chosen|come came|cut|deal dealt|do did done does|draw drew drawn|drive drove driven|"
        "eat ate eaten|fall fell fallen|fight fought|find found|fly flew flown|get got gotten|give gave given|"
        "go went gone|grow grew grown|have has had|hear heard|hold held|keep kept|know knew known|lay laid|lead led|"
        "leave left|lend lent|lose lost|make made|mean meant|meet met|pay paid|rise rose risen|run ran|say said|"
        "see saw seen|seek sought|sell sold|send sent|shake shook shaken|shrink shrank shrunk|sink sank sunk|"
        "speak spoke spoken|spend spent|stand stood|steal stole stolen|strike struck|swear swore sworn|take took taken|"
        "teach taught|tell told|think thought|throw threw thrown|understand understood|wear wore worn|win won|"
        "write wrote written|withdraw withdrew withdrawn|be is are was were been being am|man men|woman women|"
        "child children|person people|analysis analyses|crisis crises"
    ).split("|")
    for form in forms.split()
}
FUNCTION_WORDS: Final = frozenset(
    "a about after again all also although am among an and another any are as at be because been before being both "
    "but by can could did do does doing during each either else even every for from further had has have having he "
    "her here hers herself him himself his how however i if in into is it its itself just like many may me might more "
    "most much must my myself of off often on once only onto or other our ours out over own per quite rather same she "
    "should since so some still such than that the their theirs them themselves then there therefore these they this "
    "those though through thus to too toward towards under until up upon us very was we well were what when where "
    "whether which while who whom whose why will with within would yet you your yours moreover meanwhile additionally "
    "furthermore now according said says say addition example instance including include one ones mr mrs ms dr s "
    "t".split()
)
_NEGATIONS: Final = frozenset(
    "not no never none nobody nothing neither nor nowhere cannot without hardly barely scarcely "
    "fail lack deny refuse unable unlikely".split()
)
_PLANNED: Final = frozenset("will shall would plan intend aim expect schedul due propos hope".split())
_POSSIBLE: Final = frozenset(
    "may might could possibl possibly perhaps maybe potenti potentially reportedly allegedly alleg rumour rumor "
    "probabl likely suppos purported purportedly apparently".split()
)
# One axis a line, indented where it goes on: every word of a side is the opposite of every word of the other.
_AXES: Final = """
rise increase grow climb gain jump soar surge up upward upwards higher add raise advance rally expand widen accelerate
    boost growth strengthen improve | fall decrease decline drop sink slide plunge tumble slump down downward downwards
    lower cut reduce shrink narrow slow lessen contract weaken worsen loss
above over exceed | below under
more greater larger bigger | less fewer smaller
most highest largest biggest best maximum | least lowest smallest worst minimum
higher | lower
longer | shorter
older elder | younger newer
before prior earlier previous previously preceding pre | after later following subsequent subsequently post
early earlier | late later
begin start open launch introduce commence found establish | end stop close finish cease
launch introduce found establish | abolish dissolve conclude suspend cancel
plan schedule proceed continue resume | cancel scrap shelve abandon axe halt
accept approve agree support allow permit welcome back endorse adopt | reject refuse oppose deny veto disapprove
allow permit authorise authorize favour favor grant endorse | ban block forbid prohibit disagree condemn oppose
confirm admit acknowledge | deny dispute reject
buy purchase acquire import | sell divest export
win gain victory beat defeat | lose loss
pass | fail
succeed success successful successfully | fail failure unsuccessful unsuccessfully
include contain | exclude omit
always | never rarely seldom
often frequently usually commonly | rarely seldom
all every everyone everything both | none no neither nobody nothing
many | few
enter join arrive come | leave exit quit depart go
hire appoint recruit | fire dismiss sack
strong stronger strongest | weak weaker weakest
positive | negative
profit surplus gain | loss deficit
good better | bad worse poor
first | last
north northern northward | south southern southward
east eastern eastward | west western westward
northeast northeastern | northwest northwestern southwest southwestern
southeast southeastern | southwest southwestern northwest northwestern
left | right
male man men boy boys son father brother | female woman women girl girls daughter mother sister
husband king he him his mr | wife queen she her hers mrs ms
public | private
inside within internal inner domestic | outside external outer foreign
major | minor
easy easier easily | difficult hard harder
fast faster quick quickly rapid rapidly | slow slower slowly
hot warm warmer | cold cool cooler
rich richer wealthy | poor poorer
young | old
new | old
large big huge | small tiny little
long | short
high | low
cheap cheaper inexpensive | expensive costly dearer
safe safer | dangerous unsafe
legal lawful | illegal unlawful
guilty convict | innocent acquit
war | peace
attack | defend defence defense
encourage promote | discourage prevent hinder
cause | prevent
create build | destroy demolish
remember | forget
allow | prevent
alive survive live birth born | dead die death kill
import | export
demand | supply
majority | minority
presence present | absence absent
success | failure
appear | disappear
same similar identical equal | different distinct opposite
true correct right accurate | false wrong incorrect inaccurate
simple | complex complicated
modern | ancient
light | heavy dark
empty | full
near close closer | far distant
ally friend | enemy
winner | loser
maximum | minimum
upper | lower
top | bottom
front | back rear
day | night
morning | evening afternoon
teach | learn
send | receive
lend | borrow
give | take
push | pull
import | export
employ employed | unemployed jobless
tighten | loosen ease
ease relax | tighten
delay postpone slow | accelerate hasten speed
keep retain maintain | abandon drop scrap lose
with | without
for | against
partial partially partly | complete completely fully entirely wholly
temporary temporarily | permanent permanently
voluntary | mandatory compulsory obligatory
direct directly | indirect indirectly
liberal | conservative
love | hate
rural | urban
"""
_SYNONYMS: Final = """
buy purchase acquire
say tell state announce declare note add report explain claim argue write
company firm business corporation
begin start commence launch
show reveal indicate suggest find demonstrate
rise increase grow climb jump soar surge gain
fall decrease decline drop sink slide plunge tumble slump
reduce cut lower decrease
help assist aid
use utilise utilize employ
big large huge great
biggest largest greatest
bigger larger greater
worker employee staff
kill murder
near close
percent percentage pct
america us usa american
united_kingdom uk britain british
car vehicle
child kid
require need
allow permit let enable
get obtain receive gain
make produce create manufacture build
end finish conclude stop
important significant key crucial vital
provide offer give supply
also too additionally
country nation
film movie
house home
job post position role
movement motion
main primary chief
try attempt seek
quick fast rapid quickly rapidly swift
entire whole complete total
many numerous several
happen occur
speak talk
area region
choose select pick
about approximately around roughly nearly almost some
more over above
less under below fewer
"""


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The form two spellings of a word share: irregular verbs to their infinitive, the rest as the index stems."""
    lowered = word.lower().replace("’", "'")
    lowered = lowered.removesuffix("'s").removesuffix("'") or lowered
    lowered = _IRREGULAR.get(lowered, lowered)
    return next(iter(words_of(lowered)), lowered)


def _sides() -> dict[str, dict[int, int]]:
    """``stem -> {axis: side}``."""
    table: dict[str, dict[int, int]] = {}
    for axis, line in enumerate(_AXES.replace("\n    ", " ").strip().splitlines()):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                table.setdefault(stem(word), {})[axis] = side
    return table


def _circles() -> dict[str, set[int]]:
    """``stem -> the circles of near-equal words it belongs to``."""
    table: dict[str, set[int]] = {}
    for number, line in enumerate(_SYNONYMS.strip().splitlines()):
        for word in line.split():
            table.setdefault(stem(word), set()).add(number)
    return table


_SIDES: Final = _sides()
_CIRCLES: Final = _circles()
_PREFIXES: Final = ("un", "in", "im", "il", "ir", "dis", "non", "anti", "mis", "de")


def are_opposites(one: str, other: str) -> bool:
    """Whether two stems turn a statement round: ``rise`` and ``fall``, ``legal`` and ``illegal``."""
    mine, theirs = _SIDES.get(one, {}), _SIDES.get(other, {})
    if any(theirs.get(axis, side) != side for axis, side in mine.items()):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) > 3 and any(long == prefix + short for prefix in _PREFIXES)


def are_synonyms(one: str, other: str) -> bool:
    """Whether two stems are close enough in meaning to stand for each other in news."""
    if _CIRCLES.get(one, set()) & _CIRCLES.get(other, set()):
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= 4 and long.startswith(short)


def is_past(word: str) -> bool:
    """Whether a lowered word can be a verb in the past: ``sued``, ``bought``."""
    return word.endswith("ed") or word in _IRREGULAR


def is_negation(word: str) -> bool:
    """Whether a lowered word denies what follows it: ``not``, ``without``, ``failed``."""
    return word in _NEGATIONS or word.endswith(("n't", "n’t")) or stem(word) in _NEGATIONS


_CONTRACTED: Final = {"can't": "can", "can’t": "can", "cannot": "can", "won't": "will", "won’t": "will"}


def hedge_level(word: str) -> int:
    """How far a lowered word takes a statement from fact: 0 stated, 1 planned or expected, 2 possible or alleged."""
    word = _CONTRACTED.get(word, word.replace("’", "'").removesuffix("n't"))
    root = stem(word)
    if word in _POSSIBLE or root in _POSSIBLE:
        return 2
    return int(word in _PLANNED or root in _PLANNED)
