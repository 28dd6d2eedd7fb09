"""The lines of a saved page that are not news: told by what such lines are, where they stand, and that they recur.

A line is furniture when its kind shows in its wording and form (an imperative to the reader, a credit in brackets, a chain
of section names) and its place allows it. Wording alone is not enough inside the body, where news may speak of subscribers
and comments; place alone is not enough anywhere. Where nothing is certain the line stays: a line of furniture that stays
costs less than a line of news that goes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from research.corpus.documents import Document
from research.text.dates import parse_date
from research.text.normalize import ANALYSIS_STEPS, normalize
from research.text.sentences import paragraphs
from research.text.tokens import words

__all__ = ["Removed", "find_furniture"]

_SENTENCE_END = re.compile(r"[.!?؟…۔:][\"'»”’)\]\s]*$")
_INITIAL = re.compile(r"(?:^|[\s./])[^\W\d]\.$")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch of a document that is not news, and why it is taken for that."""

    document: str
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str
    folded: str
    size: int  # words
    ended: bool  # closes as a sentence does
    body: bool  # is a paragraph of running text


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of line: its cue (on the normalised line), how long such lines get, and whether they stand inside a body."""

    reason: str
    cue: re.Pattern[str]
    longest: int
    inside: bool


# Case is left alone: it tells \W from \w in a pattern.
_LETTERS = tuple(step for step in ANALYSIS_STEPS if step != "case")


def _kind(reason: str, cue: str, longest: int, *, inside: bool = False) -> _Kind:
    return _Kind(reason, re.compile(normalize(" ".join(cue.split()), _LETTERS).replace("~", r"\b")), longest, inside)


# In the patterns ~ is a word boundary; they are normalised like the lines, so they are written as people spell.
_ME = r"(?:نا|ونا|وا|ي|ه|ها)?"
_ITEM = r"(?:مقال|مقالة|خبر|مادة|رابط|تقرير|قصة|صفحة|موضوع|ملف|تحقيق|منشور|محتوى|حلقة)"
_ADDRESSEE = r"(?:صديق|أصدقا|من (?:تحب|يهم)|غيرك|الآخرين|عائلت|بريد|البريد|صفحت|وسائل|مواقع|منصات)"
_NETWORK = (
    r"(?:فيسبوك|فيس بوك|تويتر|إكس|انستغرام|إنستغرام|انستقرام|يوتيوب|واتساب|واتس ?اب|تلغرام|تيليغرام|تليغرام|تيك ?توك|لينكد ?إن"
    r"|غوغل|جوجل|google|facebook|twitter|instagram|whatsapp|telegram|youtube|tiktok|linkedin|نبض|ثريدز|منصة x)"
)
_AGENCY = (
    r"(?:getty|gettyimages|reuters|afp|ap|epa|shutterstock|رويترز|أ ?\.? ?ف ?\.? ?ب|ا ?\.? ?ف ?\.? ?ب|فرانس برس|أسوشيتد برس|د ?\.? ?ب ?\.? ?أ"
    r"|غيتي|الأناضول|أرشيف|أرشيفية|أرشيفي|وكالات|تصوير|صور|صورة|عدسة|كاميرا|فوتو|images|photo|picture|courtesy)"
)
_TIME = r"(?:\d{1,4}(?:[-/.:]\d| (?:\w+[ /]){1,3}\d{4})|(?:منذ|قبل) \w+$)"
_KINDS = (
    _kind(
        "share prompt",
        rf"^(?:شارك{_ME}|انشر{_ME}|أرسل{_ME}|شاركوا|انسخ|اطبع|احفظ)~(?:\W*$| ?[:|]| (?:هذا |هذه )?(?:ال)?{_ITEM}(?:ه|ها)?~"
        rf"| (?:عبر|على|مع|إلى) {_ADDRESSEE}| (?:عبر|على) {_NETWORK}).*",
        14,
    ),
    _kind(
        "share prompt",
        rf"^(?:ل?مشاركة|المشاركة|ل?نسخ|ل?طباعة|ل?حفظ|ل?إرسال)~(?:\W*$| ?[:|].*| (?:هذا |هذه )?(?:ال)?{_ITEM}~.*|(?: \w+)? (?:عبر|على|مع|إلى) (?:{_ADDRESSEE}|{_NETWORK}).*)",
        7,
    ),
    _kind(
        "share prompt",
        rf".*(?:أعجب(?:ك|كم|تك|تكم)|وجدتم? (?:هذا |هذه )?(?:ال)?{_ITEM}).*(?:شارك|انشر|أرسل|مرر|انقل|مفيد|{_ITEM}).*",
        25,
    ),
    _kind(
        "share prompt",
        r"^(?:share|print|e-?mail)(?: (?:this|the)(?: (?:article|story|page|post))?)?\W*$|^(?:share (?:this|on|via)~|copy (?:the )?link).*"
        r"|.*~share (?:it|this)~.*~(?:with|on)~.*",
        12,
    ),
    _kind(
        "share prompt",
        rf".*~(?:شارك(?:وا|ي)?|أرسل(?:وا|ي)?|انشر(?:وا|ي)?|مرر(?:وا)?|انسخ|انقل(?:وا)?) ?(?:هذا |هذه |رابط )?(?:ال)?{_ITEM}(?:ه)?~.*",
        18,
    ),
    _kind(
        "comment form",
        r".*~(?:اترك|أضف|اكتب|أضيفوا|اتركوا|اكتبوا|شاركنا|شاركونا)(?:ه|ها|وه)?~ (?:\w+ ){0,4}?(?:ب?ال)?"
        r"(?:تعليق|رد|رأي|آراء|ملاحظ|تعقيب|تصويب)(?:ا|ات|ة|تك|اتك)?(?:ك|كم)?~.*",
        22,
    ),
    _kind(
        "comment form",
        r".*~(?:أرسل|أرسلوا|ضع|دع|أبد|أبدوا|سجل|سجلوا|نرحب|يسعدنا|ننتظر|ما|لديك)~ (?:\w+ ){0,4}?ب?(?:تعليق|رد|رأي|آراء|ملاحظ|تعقيب|تصويب)(?:ات|ت)?كم?~.*",
        22,
    ),
    _kind("comment form", r".*~(?:اكتب|اكتبوا|أرسل|أرسلوا) (?:لنا|إلينا)~.*|^كن أول (?:المعلق|من (?:يعلق|يكتب|يترك)).*", 22),
    _kind(
        "comment form",
        r".*(?:عنوان بريدك|بريدك الإلكتروني|بريد(?:ك|كم) .*(?:لن|ينشر|يظهر)|لن (?:يظهر|ينشر) (?:\w+ )?بريد|الحقول (?:الإلزامية|المطلوبة)|حقول (?:إلزامية|مطلوبة)).*",
        30,
    ),
    _kind("comment form", r".*\.{5,}.*", 20),
    _kind(
        "comment form",
        rf"^\W*(?:\d+ )?(?:ال)?(?:تعليقا?|تعليقات|ردود|آراء)(?: (?:القراء|الزوار|المتابعين|على (?:هذا |هذه )?(?:ال)?{_ITEM}.*))?[\W\d]*$"
        r"|^(?:\d+ )?comments?[\W\d]*$|^(?:leave|post|add|write) a (?:reply|comment).*|^join the (?:conversation|discussion).*",
        9,
    ),
    _kind(
        "comment form",
        r".*(?:التعليقات|التعليق|تعليقات(?:كم)?) (?:\w+ ){0,3}?(?:مغلق|مفتوح|متاح|تخضع|خاضع|لا تعبر|للمشتركين|مراجع|معطل|محجوب)\w*.*",
        25,
    ),
    _kind(
        "related links",
        r"^(?:(?:اقرأ|إقرأ|اقرئي|اقرأوا|اقرؤوا|طالع|طالعوا|شاهد|شاهدوا|تابع|اطلع|استمع|تصفح|المزيد)~(?: (?:أيضا|كذلك|المزيد|هنا|معنا)~|[.… ]*\W*$|\W*[:|.])"
        r"|(?:اقرأ|إقرأ|اقرئي|اقرأوا|اقرؤوا|طالع|طالعوا|شاهدوا|تصفح)~ (?:من|عن|على|حول|في|كل|بعد|قبل|الآن|ملف|مزيدا)~"
        r"|(?:ل?لمزيد|المزيد)~(?: من)? (?:عن|حول|(?:\w+ )?(?:ال)?(?:أخبار|مقالات|تقارير|قصص|مواد|قراءات|معلومات|تفاصيل|ملف))~|المزيد في~|للمزيد~(?!.*\.$)"
        r"|استمع إلى (?:ال)?(?:مقال|خبر|تقرير|نص|حلقة|بث)).*",
        25,
        inside=True,
    ),
    _kind(
        "related links",
        r"^(?:مقالات|مواضيع|موضوعات|أخبار|مواد|تقارير|قصص|ملفات|روابط|محتوى|قراءات|عناوين)(?: \w+){0,2}? ?(?:ذات صلة|ذات الصلة|مشابه|متعلق|مرتبط"
        r"|ذو صلة|تهمك|قد تهمك|أخرى|قد تعجبك|مختارة|متصلة|مقترحة)\w*.*",
        20,
    ),
    _kind(
        "related links",
        r"^(?:قد (?:يهمك|تهمك|يعجبك|تود)|ربما يهمك|قد يهمكم|من (?:ال)?(?:أرشيف|ملفاتنا|موضوعاتنا)|في (?:ال)?(?:ملف|موضوع) (?:نفسه|ذاته)"
        r"|على صلة|ذات صلة|ذو صلة|مواد ذات|اخترنا لك|خبر سابق|تقرير سابق|مواضيع من|أيضا في|الأكثر (?:قراءة|مشاهدة|تداولا)|أهم الأخبار|آخر الأخبار|أحدث الأخبار|اختيارات المحرر|ننصحك|نرشح لك|وفي السياق نفسه على"
        r"|من الموضوع نفسه|ما يتصل|يتصل ب|صلة بالموضوع|عناوين أخرى).*",
        22,
    ),
    _kind(
        "related links",
        r"^(?:read (?:also|more|next)|see also|more (?:stories|news)|more (?:on|from) (?:this|our)|you (?:may|might) also|most (?:read|popular)|watch:"
        r"|related ?(?::|$|(?:stories|articles|links|news|content|topics|coverage|reading)~)).*",
        22,
        inside=True,
    ),
    _kind(
        "back to top",
        r".*~(?:زر الذهاب|الذهاب|العودة|عودة|الرجوع|ارجع|عد|اصعد|الصعود|انتقل|الانتقال) (?:\w+ )?(?:إلى|الى|ل) ?(?:أعلى|الأعلى|لأعلى|رأس|بداية|أول|صدر)"
        r"(?: (?:ال)?(?:صفحة|مقال|مقالة|خبر|موقع|نص|تقرير|قائمة)~.*|\W*$)",
        10,
    ),
    _kind("back to top", r"^\W*(?:العودة|عودة|الرجوع|ارجع|عد|الانتقال|انتقل) (?:إلى |ل)(?:ال|ل)?(?:صفحة )?(?:ال)?(?:رئيسية|صفحة الأولى|محتوى).*", 6),
    _kind(
        "back to top",
        r"^\W*(?:(?:إلى )?(?:أعلى|بداية|رأس) الصفحة|إلى الأعلى|للأعلى|لأعلى|عودة للأعلى|(?:(?:back|return|go) to )?(?:the )?top(?: of (?:the |this )?page)?)\W*$",
        6,
    ),
    _kind("newsletter", r"^(?:للاشتراك|للتسجيل|اشترك|اشتركوا|subscribe|sign up)~(?! \w+ (?:في|من) (?:ال)?(?:حرب|قتال)).*", 20),
    _kind(
        "newsletter",
        r".*(?:النشرة|نشرتنا|نشرة|القائمة البريدية|newsletter|بريدك|بريدكم|صندوق بريد|إشعارات|تنبيهات|التنبيهات|الإشعارات).*"
        r"~(?:اشترك|اشتراك|الاشتراك|سجل|سجلوا|التسجيل|احصل|تصلك|تصلكم|يصلك|يصلكم|لتصلك|لتصلكم|استلم|بريدك|بريدكم|أدخل|فعل|مجانا|انضم|subscribe|sign up)~.*",
        30,
    ),
    _kind(
        "newsletter",
        r".*(?:نشرتنا|البريدية|بريدك|بريدكم|newsletter|inbox).*(?:كل (?:صباح|يوم|مساء|أحد|جمعة|اثنين|خميس|أسبوع)|every|each|daily|weekly).*",
        30,
    ),
    _kind(
        "newsletter",
        r".*~(?:اشترك|اشتركوا|اشتركي|سجل|سجلوا|انضم|انضموا|احصل|احصلوا|تصلك|تصلكم|يصلك|يصلكم|فعل|فعلوا|لتصلك|لتلقي|subscribe|sign up)~.*"
        r"(?:النشرة|نشرتنا|البريدية|بريدك|بريدكم|إشعار|تنبيه|خدمة (?:الرسائل|الأخبار)|قناتنا|newsletter|موجز|عاجل).*",
        30,
    ),
    _kind(
        "social links",
        rf"^\W*(?:ل?متابعت(?:نا|كم)|لمتابعة|تابع|تابعنا|تابعونا|تابعوا|اتبع|الحق|انضم|انضموا|رافق|التحق|صفحاتنا|حساباتنا|قنواتنا|قناتنا|صفحتنا|حسابنا|follow|join us|find us"
        rf"|نحن على|ابق|ابقوا|كونوا|يمكنك\w*|أنت الآن|ل?تصلك)~.*~{_NETWORK}.*",
        25,
    ),
    _kind("social links", rf"^\W*(?:\w+ ){{0,2}}\W*{_NETWORK}(?:\W+(?:و ?)?{_NETWORK})+\W*$", 12),
    _kind(
        "social links",
        r"^(?:تابعونا|تابعنا|تابعوا (?:آخر|صفح|حساب|قنا|أخبار)|تابع(?:وا)? \S+ (?:على|عبر)|اتبعونا|follow us|نحن على|حساباتنا|صفحاتنا|(?:ابق|ابقوا|كونوا) على (?:اطلاع|تواصل)).*",
        25,
    ),
    _kind("social links", r".*~(?:حمل|حملوا|نزل|نزلوا|حملي|download) (?:ال|our |the )?(?:تطبيق|app)\w*.*|^تحميل (?:ال)?تطبيق.*", 20),
    _kind(
        "copyright",
        r".*(?:(?:جميع|كافة|كل)? ?(?:ال)?حقوق(?: (?:النشر|الطبع|النسخ|الملكية))? (?:محفوظ|©)|الحقوق محفوظة|all rights reserved|copyright ?(?:©|\d)|©"
        r"|(?:لا يجوز|يحظر|يمنع) (?:نقل|نسخ|إعادة|اقتباس|النقل|النسخ|الاقتباس)|(?:لا )?يسمح بإعادة (?:النشر|نشر)|النقل بإذن|سياسة الخصوصية|شروط الاستخدام"
        r"|privacy policy|terms of use).*",
        30,
    ),
    _kind(
        "notice",
        rf"^(?:ال)?(?:{_ITEM}|مقالات|آراء)(?: \w+){{0,3}}? (?:لا )?(?:تعبر|يعبر|تمثل|يمثل)~.*",
        20,
    ),
    _kind("byline", r".*~(?:موفدنا|مراسلنا|مراسلتنا|مندوبنا|يحررها|يحرره|يعدها|يعده|تعدها|يكتبها)~.*", 9),
    _kind("byline", r"^(?:من )?(?:إعداد|أعد|أعدت)~ ?(?::|~(?:وحدة|قسم|فريق|مكتب|هيئة|المادة|التقرير)).*", 16),
    _kind("byline", r"^(?:(?:كتبه|كتبها|بقلم|أعده|أعدته|أعدها|حرره|حررته|نقلا عن|من مراسل\w*)~|(?:written|words|story|reporting) by~).{0,70}$", 11),
    _kind("byline", r"^(?:كتب|كتبت|إعداد|تحرير|ترجمة)~ (?:ال)?(?:محرر|فريق|هيئة|قسم|وحدة|مراسل|مندوب|مكتب).{0,60}$", 11),
    # Words that open a headline as often as a byline: a mark and a name must follow, or the line is no longer than a name.
    _kind(
        "byline",
        r"^(?:كتب|كتبت|إعداد|تحرير|حرر|ترجمة|المصدر|مراسل\w*|متابعة|متابعات|المحرر|تغطية|رصد|تقرير|حوار|تحقيق|تحليل|خاص|source|author|by)(?: و ?\w+){0,2} ?[:/–—|-]"
        r"(?! ?(?:هل|لماذا|كيف|ماذا|ما|من)~)(?:\W*\w+){1,5}(?: ?[-–—/،,|] ?.{0,40})?$",
        14,
    ),
    _kind("byline", r"^(?:كتب|كتبت|إعداد|تحرير|ترجمة|المصدر|مراسل\w*|المحرر|متابعات|فريق|قسم|هيئة|مكتب|by)~[^:]{0,40}$", 4),
    _kind(
        "reading time",
        r".*~(?:\w+ )?(?:دقيقة|دقائق|دقيقتان|دقيقتين|minutes?|min|د)~.{0,12}~(?:قراءة|للقراءة|القراءة|read)~.*",
        14,
    ),
    _kind("reading time", r".*(?:يقرأ|تقرأ|اقرأ\w*|قراءة) (?:في|خلال) (?:\w+ ){0,2}(?:دقيقة|دقائق|دقيقتين|دقيقتان)~.*", 14),
    _kind("reading time", r".*~(?:ال)?(?:زمن|وقت|مدة|مده)(?: \w+)? (?:ال|لل)?(?:قراءة|مطالعة)~.*|.*~reading time~.*", 14),
    _kind(
        "date line",
        r"^(?:نشر|نشرت|آخر (?:تحديث|تعديل)|(?:ال)?تحديث(?: الأخير)?|حدث|تم (?:ال)?(?:نشر|تحديث)\w*|تاريخ(?: النشر)?|(?:last )?updated|published|posted)~"
        rf"(?:\W|في|بتاريخ|تاريخ|يوم|الساعة|on|at|(?:ال)?(?:إثنين|اثنين|ثلاثاء|أربعاء|خميس|جمعة|سبت|أحد))*~{_TIME}.*",
        16,
    ),
    _kind("date line", r"^(?:(?:ال)?(?:عدد|طبعة))(?: رقم)? ?:? ?\d+\W*$", 6),
    _kind(
        "tags",
        r"^(?:وسوم|الوسوم|هاشتاغ|تاغات|tags?|keywords)~.*"
        r"|^(?:كلمات \w+|الكلمات (?:الدالة|المفتاحية|الدلالية)|كلمات (?:دالة|مفتاحية|دلالية)|علامات|مواضيع|دلالات|سمات|إشارات) ?[:|–-].*",
        30,
    ),
    _kind("picture credit", rf".*(?:\(|\[|— ?|– ?|- |/ ?|\| ?|© ?).{{0,24}}~{_AGENCY}~.{{0,28}}\W*$", 30, inside=True),
    _kind(
        "picture credit",
        r".*~(?:بعدسة|عدسة:|كاميرا:|الصورة من|صورة من الأرشيف|صورة أرشيفية|صور أرشيفية|الصورة ل\w+|الصورة:)(?:\W|~).*",
        25,
        inside=True,
    ),
    _kind("picture credit", r".*©.{0,40}$", 25, inside=True),
    _kind(
        "picture credit",
        r"^\W*(?:صورة|الصورة|صور|تصوير|عدسة|لقطة|image|photo|picture)~ ?(?::|(?:\w+ ){0,3}[\(\[/—-]).*",
        30,
        inside=True,
    ),
    _kind(
        "notice",
        r"^(?:لطلب|للطلب|للتواصل|لمراسلة|لمراسلتنا|للإعلان|راسلونا|اتصل بنا|تواصل معنا|من نحن|نسخة للطباعة|استطلاع ?:|شارك في الاستطلاع)~.*",
        16,
    ),
    _kind("notice", r"^(?:راسل|راسلوا|للتواصل مع) (?:ال)?(?:كاتب|كاتبة|محرر|تحرير|صحيفة)\W*$|^[^:]{0,24}~(?:للمشتركين|لمشتركينا) ?:.*", 16),
    _kind(
        "notice",
        r"^(?:إعلان|اعلان|إعلانات|advertisement|ad|sponsored|محتوى (?:مدفوع|ممول)|انتهى|يتبع|المصدر|نهاية الخبر)\W*$|^(?:تنبيه|ملاحظة)(?: \w+){0,2} ?:.*",
        14,
    ),
)
# What speaks to the reader: whole sentences of it are furniture, outside the body.
_SPOKEN = frozenset({"share prompt", "comment form", "newsletter", "social links", "copyright", "back to top", "notice"})
# What may stand above a headline; other kinds follow it, and a line there that looks like them is the headline.
_ABOVE = _SPOKEN | {"date line", "reading time"}
_ADDRESS = re.compile(
    normalize(
        r"\b(?:بريدك|بريدكم|تعليقك|تعليقكم|تعليقاتكم|رأيك|رأيكم|آراؤكم|آراءكم|هاتفك|جوالك|صفحتك|أعجبك|أعجبكم|أعجبتك|لديك|لديكم|تصلك|تصلكم|يصلك|يصلكم"
        r"|اشترك|اشتركوا|سجلوا|شاركنا|شاركونا|شاركوا|شاركه|شاركها|تابعنا|تابعونا|تابعوا|انضموا|الحقول|محفوظة|اتركوا|اكتبوا|أرسلوا|أضف|اترك|اكتب|قناتنا|نشرتنا|صفحتنا|صفحاتنا|حساباتنا"
        r"|your|our|follow us|sign up|subscribe|all rights reserved)\b",
        _LETTERS,
    )
)
_CREDIT_END = re.compile(
    normalize(rf"[(\[](?=[^()\[\]]*(?:[a-z]{{2}}|~{_AGENCY}~))[^()\[\]\d]{{2,45}}[)\]]\s*$", _LETTERS).replace("~", r"\b")
)
# A line without a full stop that names a picture, or its maker, after a mark of its own.
_CAPTION = re.compile(
    normalize(
        r".*[-–—/(\[،,|\"] ?\"?(?:\w+ ){0,2}\"?(?:ال)?(?:تصوير|صور|صورة|عدسة|عدسات|بعدسة|لقطة|مصورة|أرشيف|تصميم|كاميرا|فوتو|بيكتشر|برس|ميديا)\b.{0,32}$"
        r"|.*(?:تصوير|صورة|عدسة|كاميرا|أرشيف) ?:.{0,32}$"
        r"|\W*(?:ال)?(?:صورة|لقطة|تصوير|إنفوغراف\w*)\b.*[-–—/(\[\"].*",
        _LETTERS,
    )
)
_CHAIN = re.compile(r"\s[|›»>/•·●▪■◆]\s|^[#•·]|\s#|\s[-–—]\s.{2,40}\s[-–—]\s")
_LABEL = re.compile(r"^\W*(?:[^\W\d]+ ){0,3}[^\W\d]+\s?[:—–]\s")
_HEADLINE_SOURCE = re.compile(r":\s*[^\W\d]+(?:\s[^\W\d]+){0,2}\s*$")
_FULL_BODY, _OPEN_BODY = 12, 22  # words of a paragraph that closes as a sentence, and of one that does not
_SECTION, _TAIL_LINE = 4, 7  # longest section name, and longest stray line after the body, in words
_HEADLINE = 8  # words from which a line inside the body that closes with its source is another article's headline
_DISCIPLINE = 0.7  # share of paragraphs that must close as sentences before a missing full stop tells anything


def find_furniture(documents: Iterable[Document]) -> list[Removed]:
    """Find what is not news in documents that come from the same places.

    Parameters
    ----------
    documents : iterable of Document
        Together they show which short lines recur; one alone works too, by wording and place.

    Returns
    -------
    list of Removed
        Whole lines, in the order of the documents and of their texts. A document never loses all of its lines.

    Examples
    --------
    >>> body = "وصل الوزير إلى العاصمة صباح اليوم في زيارة تستمر يومين يلتقي خلالها عددا من المسؤولين."
    >>> page = Document("a", f"وصول الوزير إلى العاصمة في زيارة رسمية\\nكتبت هيئة التحرير\\n{body}\\nشارك المقال\\nالتعليقات")
    >>> [(line.text, line.reason) for line in find_furniture([page])]
    [('كتبت هيئة التحرير', 'byline'), ('شارك المقال', 'share prompt'), ('التعليقات', 'comment form')]
    """
    pages = [(document, _lines(document.text)) for document in documents]
    recurring = _recurring([lines for _, lines in pages])
    return [
        Removed(document.id, line.start, line.end, line.text, reason)
        for document, lines in pages
        for line, reason in _judged(lines, document.title, recurring)
    ]


def _lines(text: str) -> list[_Line]:
    lines = []
    for start, end in paragraphs(text):
        # A tatweel between two blanks is a dash to those who type it.
        folded = " ".join(normalize(text[start:end].replace(" ـ ", " – ")).split())
        size = len(words(folded[:4000]))
        ended = _SENTENCE_END.search(folded[-40:]) is not None and _INITIAL.search(folded[-8:]) is None
        body = size >= (_FULL_BODY if ended else _OPEN_BODY)
        lines.append(_Line(start, end, text[start:end], folded, size, ended, body))
    return lines


def _recurring(pages: Sequence[Sequence[_Line]]) -> frozenset[str]:
    """Short lines that stand in many pages, figures aside: what a site prints around each of its articles."""
    seen: Counter[str] = Counter()
    for lines in pages:
        seen.update({_DIGITS.sub("0", line.folded) for line in lines if line.size <= 12})
    least = max(3, len(pages) // 200)
    return frozenset(line for line, count in seen.items() if count >= least)


def _judged(lines: Sequence[_Line], title: str, recurring: frozenset[str]) -> list[tuple[_Line, str]]:
    body = [number for number, line in enumerate(lines) if line.body]
    # A long headline, or one that asks or trails off, is not where the body begins.
    top = lines[body[0]] if body else None
    if top and len(body) > 1 and top.size <= _OPEN_BODY and not top.folded.rstrip('" ').endswith("."):
        if all(line.size <= _SECTION or _CHAIN.search(line.text) for line in lines[: body[0]]):
            body = body[1:]
    if not body:
        return []
    first, last = body[0], body[-1]
    ended = sum(lines[number].ended for number in body)
    disciplined = ended >= _DISCIPLINE * len(body) and ended >= 2
    headline = _headline(lines[:first])
    removed: dict[int, str] = {}
    for number, line in enumerate(lines):
        inside = first < number < last
        reason = _by_wording(line, inside) if number != headline else None
        if reason is None and not line.body and number != headline:
            head = lines[: min(number, first)]
            if _repeats(line, head, normalize(title) if number else ""):
                reason = "repeated headline"
            elif _DIGITS.sub("0", line.folded) in recurring and not (inside and line.ended):
                reason = "recurring line"
            elif disciplined and not line.ended and line.size >= _HEADLINE and _HEADLINE_SOURCE.search(line.folded) and inside:
                reason = "related links"
            elif disciplined and not line.ended and line.size <= 20 and _CAPTION.match(line.folded):
                reason = "picture credit"
        if reason is not None:
            removed[number] = reason
    # What place alone tells comes last: a run of lines of one form is a list or a poem, and belongs to the article.
    for number in [number for number in range(len(lines)) if number not in removed and number != headline]:
        if lines[number].body or first < number < last or _in_list(lines, removed, number, first, last):
            continue
        reason = _by_place(lines[number], number, first, last, headline, removed)
        if reason is not None:
            removed[number] = reason
    return [(lines[number], removed[number]) for number in sorted(removed)]


def _headline(head: Sequence[_Line]) -> int | None:
    """The headline: the first line before the body that is too long for a section name and is nothing that stands above one.

    Headlines begin with the same words as bylines, tags and links (a team of experts, an office, a witness): there the place
    decides, not the wording.
    """
    for number, line in enumerate(head):
        if line.size <= _SECTION or _CHAIN.search(line.text) or parse_date(line.text) is not None:
            continue
        if _by_wording(line, False) not in _ABOVE:
            return number
    return None


def _by_wording(line: _Line, inside: bool) -> str | None:
    """What a line is by its cue; a line that closes as a sentence must also speak to the reader."""
    if line.size > 30:
        return None
    spoken = _ADDRESS.search(line.folded) is not None
    asks = line.folded.endswith(("?", "؟", "!", "…"))
    for kind in _KINDS:
        if line.size > kind.longest or (inside and not kind.inside) or not kind.cue.match(line.folded):
            continue
        if asks and kind.reason == "related links":
            return kind.reason  # to a headline that asks
        full_sentence = line.body or (line.ended and not line.folded.endswith(":"))
        if full_sentence and (inside or not spoken or kind.reason not in _SPOKEN):
            continue
        return kind.reason
    if inside and not line.ended and 5 <= line.size <= 20 and _CREDIT_END.search(line.folded):
        return "picture credit"
    return None


def _in_list(lines: Sequence[_Line], removed: dict[int, str], number: int, first: int, last: int) -> bool:
    """Tell whether a line after the body stands in a run of three or more short lines that nothing marks as furniture."""
    if number < first:
        return False
    low = high = number
    while low - 1 > last and low - 1 not in removed:
        low -= 1
    while high + 1 < len(lines) and high + 1 not in removed:
        high += 1
    forms = {(_LABEL.match(line.text) is not None, _CHAIN.search(line.text) is not None) for line in lines[low : high + 1]}
    return high - low >= 2 and len(forms) == 1 and removed.get(low - 1) != "related links"


def _repeats(line: _Line, head: Sequence[_Line], title: str) -> bool:
    """Tell whether a line is the title or a line of the head again, whole or cut short."""
    if line.size < 4 or line.folded.endswith("."):
        return False
    start = line.folded.rstrip(" .…")
    others = [other.folded for other in head] + ([title] if title else [])
    return any(other == line.folded or (line.size >= 5 and other.startswith(start)) for other in others)


def _by_place(line: _Line, number: int, first: int, last: int, headline: int | None, removed: dict[int, str]) -> str | None:
    """What a line before or after the body is, when it does not close as a sentence does."""
    question = line.folded.endswith(("?", "؟"))
    if line.ended and not question:
        return None
    label = _LABEL.match(line.text) is not None
    if line.size <= 12 and not question:
        if parse_date(line.text) is not None:
            return "date line"
        if _CHAIN.search(line.text) and not label:
            return "section name"
    if _CREDIT_END.search(line.folded) and 5 <= line.size <= 20 and number > (headline if headline is not None else first):
        return "picture credit"
    if number < first and headline is not None and line.size <= _SECTION and not question:
        return "section name"
    if number > last:
        if line.size < _OPEN_BODY and (removed.get(number - 1) == "related links" or label):
            return "related links"
        if line.size <= _TAIL_LINE and not question:
            return "page end"
    return None
