"""Units, currencies and scales as news spells them, each with one canonical name: for `assistant.figures`."""

from typing import Final

__all__ = ["CODES", "CURRENCIES", "SCALES", "TIGHT", "UNITS"]


def _table(listed: str) -> dict[str, str]:
    """``spelling -> canonical name`` from lines of ``name: spelling, spelling``."""
    table = {}
    for line in listed.strip().splitlines():
        name, spellings = line.split(":")
        table.update({spelling.strip(): name.strip() for spelling in spellings.split(",")})
    return table


SCALES: Final = {
    name: 10.0**power
    for power, names in {
        2: "hundred",
        3: "thousand k",
        5: "lakh lakhs",
        6: "million millions mn mln m",
        7: "crore crores",
        9: "billion billions bn bln b",
        12: "trillion trillions tn trn t",
    }.items()
    for name in names.split()
}
CURRENCIES: Final = _table(
    """
    usd: us$, $, usd, dollar, dollars, us dollars, u.s. dollars, american dollars
    aud: a$, au$, aud, australian dollars
    cad: c$, ca$, cad, canadian dollars
    hkd: hk$, hkd, hong kong dollars
    twd: nt$, twd, new taiwan dollars
    sgd: s$, sgd, singapore dollars
    brl: r$, brl, reais
    eur: €, eur, euro, euros
    gbp: £, gbp, pound sterling, pounds sterling
    pound: pound, pounds, lb, lbs
    cny: rmb, cny, yuan, renminbi, chinese yuan
    yen: ¥, jpy, yen
    krw: ₩, krw, won
    inr: ₹, inr, rs., rupee, rupees
    chf: chf, swiss francs, francs
    rub: rub, rouble, roubles, ruble, rubles
    crown: sek, nok, dkk, czk, crown, crowns, krona, kronor, krone, kroner, koruna, korunas
    try: lira, liras
    zar: zar, rand
    peso: mxn, php, ars, clp, cop, peso, pesos
    pln: pln, zloty, zlotys
    dirham: aed, mad, dirham, dirhams
    sar: sar, riyal, riyals
    dinar: kwd, rsd, dinar, dinars
    ils: ils, shekel, shekels
    thb: thb, baht
    vnd: vnd, dong
    idr: idr, rupiah, rupiahs
    myr: myr, ringgit, ringgits
    uah: uah, hryvnia, hryvnias
    ngn: ngn, naira
    huf: huf, forint, forints
    cent: cent, cents
    """
)
_MEASURES: Final = _table(
    """
    points: percentage points, percentage point, pp, ppt, ppts
    basis point: basis points, basis point, bps
    percent: %, percent, per cent, pct, percentage
    byte: bytes
    kilobyte: kb, kilobyte, kilobytes
    megabyte: mb, megabyte, megabytes
    gigabyte: gb, gigabyte, gigabytes, gbytes
    terabyte: tb, terabyte, terabytes
    petabyte: pb, petabyte, petabytes
    gigabit: gbit, gigabit, gigabits, gbits
    megabit: mbit, megabit, megabits
    hertz: hz, hertz
    kilohertz: khz, kilohertz
    megahertz: mhz, megahertz
    gigahertz: ghz, gigahertz
    watt: w, watt, watts
    kilowatt: kw, kilowatt, kilowatts
    megawatt: mw, megawatt, megawatts
    gigawatt: gw, gigawatt, gigawatts
    kilowatt-hour: kwh, kilowatt-hour, kilowatt-hours, kilowatt hours
    megawatt-hour: mwh, megawatt-hours, megawatt hours
    volt: v, volt, volts
    nanometre: nm, nanometre, nanometer, nanometres, nanometers
    micrometre: µm, μm, micron, microns, micrometres, micrometers
    millimetre: mm, millimetre, millimeter, millimetres, millimeters
    centimetre: cm, centimetre, centimeter, centimetres, centimeters
    metre: m, metre, meter, metres, meters
    kilometre: km, kilometre, kilometer, kilometres, kilometers, kms
    square kilometre: km2, km², sq km, square kilometres, square kilometers, square km
    square mile: sq mi, square miles, sq miles
    square metre: m2, m², sq m, square metres, square meters
    square foot: sq ft, square feet, square foot
    inch: inch, inches
    foot: ft, foot, feet
    yard: yd, yard, yards
    mile: mi, mile, miles
    hectare: ha, hectare, hectares
    acre: acre, acres
    litre: l, litre, liter, litres, liters
    millilitre: ml, millilitre, milliliter, millilitres, milliliters
    gallon: gal, gallon, gallons
    barrel: barrel, barrels, bbl
    milligram: mg, milligram, milligrams
    microgram: µg, μg, mcg, microgram, micrograms
    gram: g, gram, grams, gramme, grammes
    kilogram: kg, kilogram, kilograms, kilos, kilo
    tonne: tonne, tonnes, metric tons, metric ton
    ton: ton, tons
    ounce: oz, ounce, ounces
    kilometre an hour: km/h, kmh, kph, kilometres per hour, kilometers per hour, kilometres an hour
    mile an hour: mph, miles per hour, miles an hour
    celsius: °c, ℃, degrees celsius, celsius, degrees c, ° c
    fahrenheit: °f, ℉, degrees fahrenheit, fahrenheit, degrees f, ° f
    degree: °, degree, degrees
    nanosecond: ns, nanosecond, nanoseconds
    millisecond: ms, millisecond, milliseconds
    second: s, sec, secs, second, seconds
    minute: min, mins, minute, minutes
    hour: h, hr, hrs, hour, hours
    day: day, days
    week: week, weeks
    month: month, months
    year: year, years, yr, yrs
    decade: decade, decades
    century: century, centuries
    """
)
UNITS: Final = _MEASURES | {name: unit for name, unit in CURRENCIES.items() if name[-1].isalpha() or name == "€"}
# The currency words that stand before their number.
CODES: Final = frozenset(
    "usd aud cad hkd twd sgd eur gbp cny rmb jpy krw inr chf rub sek nok dkk czk zar mxn pln aed sar thb idr"
    " myr".split()
)
# One letter is a unit only when it touches its number: ``5m`` but not ``5 m`` of a list.
TIGHT: Final = frozenset("m w v l g s h $ t".split())
