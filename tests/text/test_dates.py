from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from written_arabic import messy

from research.text.dates import parse_date

EAST = [
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
]
WEST = ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"]
MAGHREB = ["جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"]
ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

days = st.dates(date(1000, 1, 1))
months = st.sampled_from([EAST, WEST, MAGHREB, ENGLISH])
digits = st.sampled_from([{}, ARABIC_INDIC, PERSIAN])


@given(days, digits, st.sampled_from(["{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y-%m-%dT%H:%M:%SZ}"]))
def test_year_first(day, digits, form):
    assert parse_date(form.format(day).translate(digits)) == day


@given(days, digits, st.sampled_from("-/."))
def test_in_figures_the_day_is_before_the_month(day, digits, mark):
    assert parse_date(f"{day.day}{mark}{day.month}{mark}{day.year}".translate(digits)) == day


@given(st.datetimes(datetime(1900, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_mail_and_feed_dates_keep_their_time_zone(moment, minutes):
    written = format_datetime(moment.replace(tzinfo=timezone(timedelta(minutes=minutes))))
    assert parse_date(written) == moment.date()
    assert parse_date(written.partition(", ")[2]) == moment.date()


@given(days, digits, months)
def test_day_month_by_name_and_year(day, digits, names):
    written = f"{day.day} {names[day.month - 1]} {day.year}"
    assert parse_date(written.translate(digits)) == day
    assert parse_date(f"الجمعة، {written} م".translate(digits)) == day


@given(days, digits, st.permutations([EAST, WEST]), st.sampled_from(["{}/{}", "{} / {}", "{} ({})", "{} {}", "{}-{}"]))
def test_a_month_by_both_its_names(day, digits, names, form):
    both = form.format(names[0][day.month - 1], names[1][day.month - 1])
    assert parse_date(f"{day.day} {both} {day.year}".translate(digits)) == day
    assert parse_date(f"{day.day} {both}، {day.year}".translate(digits)) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("نُشر في ٣ أيّار ٢٠٢٢ الساعة ١٠:٣٠", date(2022, 5, 3)),
        ("يوم 3 من مايو عام 2022", date(2022, 5, 3)),
        ("3 مايو من عام 2022", date(2022, 5, 3)),
        ("3 مايو سنة 2022", date(2022, 5, 3)),
        ("3 مايو في العام 2022", date(2022, 5, 3)),
        ("3 ابريل 2022", date(2022, 4, 3)),
        ("3 إبريل 2022", date(2022, 4, 3)),
        ("آخر تحديث: 03/05/2022 - 21:15", date(2022, 5, 3)),
        ("\u200f2022-05-03\u200f", date(2022, 5, 3)),
        ("  2022-05-03\n", date(2022, 5, 3)),
        ("2022-05-03 21:15:00 +0300", date(2022, 5, 3)),
        ("2022-05-03T23:59:59.999+03:00", date(2022, 5, 3)),
        ("20220503", date(2022, 5, 3)),
        ("20220503T211500Z", date(2022, 5, 3)),
        ("29 شباط 2024", date(2024, 2, 29)),
        ("3 أيار/مايو2022", date(2022, 5, 3)),
        ("3 تشرين أول/أكتوبر 2022", date(2022, 10, 3)),
        ("3 كانون ثاني من العام 2022", date(2022, 1, 3)),
        # whatever stands where the time zone should be
        ("Tue, 3 May 2022 10:00:00 +99999999999999999999", date(2022, 5, 3)),
    ],
)
def test_dates_as_pages_write_them(text, expected):
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "أمس",
        "مايو 2022",
        "2022",
        "3 مايو",
        "29 شباط 2023",
        "31/4/2022",
        "32 مايو 2022",
        "3/13/2022",
        "2022-13-03",
        "2022-00-10",
        "3 رمضان 1443",
        "3 مايوه 2022",
        "10:30",
        "نعم، لا، ربما",
        "1.2.3",
        "123-4567-89",
        "12022-05-031",
        # a number of something else is no year
        "في 3 مايو شارك 1500 عداء",
        "3 مايو 15000",
        # figures too large for any calendar
        "Tue, 3 May 99999999999999999999 10:00:00 +0000",
        "9" * 5000,
    ],
)
def test_what_is_no_certain_date(text):
    assert parse_date(text) is None


_parts = st.sampled_from(
    [*EAST, *WEST, "من", "عام", "Tue,", "May", "+0300", "GMT", ":", ",", "-", "/", "2022", "03", "99", "10:30", "٣", "²"]
)


@given(st.one_of(messy, st.lists(_parts, max_size=8).map(" ".join), st.text("0123456789-/:,. TZ+W", max_size=30)))
@example("Tue, 3 May 2022 99:99:99 +0000")
@example("0000-00-00")
def test_any_text_gives_a_date_or_nothing(text):
    found = parse_date(text)
    assert found is None or type(found) is date
