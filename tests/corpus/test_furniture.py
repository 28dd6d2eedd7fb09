import tomllib
from pathlib import Path

import pytest

from research.corpus import Document, load
from research.corpus.furniture import find_furniture
from research.corpus.labels import load_labels
from research.text.sentences import paragraphs

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
MARK = "✂ "

#: Pages of our own. A line that is not news begins with the mark, which the tests take off.
PAGES = sorted((Path(__file__).parent / "pages").glob("*.txt"))

# Furniture of the five articles in ../shared/seeds, as (beginning of the file's name, line): read line by line.
IN_SHARED_SEEDS = {
    *(("000", line) for line in (1, 27, 29)),
    *(("001", line) for line in (3, 4, 37, 38, 40, 42)),
    *(("002", line) for line in (5, 7, 45)),
    *(("003", line) for line in (7,)),
    *(("004", line) for line in (1, 27, 29, 31, 33)),
}

BODY = [
    "أعلن مجلس المدينة مساء أمس أنه سيعيد فتح السوق القديمة بعد أعمال ترميم استمرت ثلاثة أعوام كاملة.",
    "وقال رئيس المجلس إن التجار الذين غادروا السوق سيحصلون على دكاكينهم بالإيجار نفسه مدة خمسة أعوام.",
    "ويرى سكان الحي أن الشوارع المحيطة لم تعد تتسع للسيارات، ويطالبون بموقف جديد قبل موسم الأعياد.",
]
ENGLISH_BODY = [
    "The town council said late on Monday that the old market would open again after three years of repairs.",
    "Traders who had left the market will get their stalls back at the same rent for the next five years.",
    "People who live nearby say that the streets are too narrow for more cars and ask for a place to park.",
]

HEADLINES = [
    "فريق الخبراء يرفع تقريره الأخير قبل انتهاء ولايته",
    "هيئة الأركان في سيول تعلن رصد إطلاق جديد",
    "مكتب الرئيس ينفي وجود قناة خلفية مع الشمال",
    "قسم الطوارئ في المستشفى الكبير يستقبل ضحايا العاصفة",
    "عدد القتلى في الزلزال يرتفع إلى 214 شخصا",
    "العدد الأكبر من اللاجئين عبر الحدود في يناير 2023",
    "تحديث 40 طائرة قديمة يكلف ضعف ثمنها",
    "نشر 3 آلاف جندي إضافي على الضفة الشرقية",
    "مشاركة الجنود الشماليين في القتال تثير جدلا في المجلس",
    "ردود فعل غاضبة على اتفاق الحبوب",
    "تعليقات الوزير تشعل خلافا داخل الحكومة",
    "حساب مزور على تويتر ينتحل صفة السفير",
    "حسابات على إكس تنشر صورا مزيفة للمناورة",
    "صور الأقمار الاصطناعية: سفينتان ترسوان في الميناء المغلق",
    "حفظ السلام في الجنوب ينتظر تفويضا جديدا",
    "ترجمة رسائل القيصر تكشف خلافا قديما على الحدود",
    "تقرير: شحنات السلاح تضاعفت في عام واحد",
    "تحليل: لماذا تأخرت القمة شهرا كاملا؟",
    "حوار الشمال والجنوب يعود إلى نقطة الصفر",
    "متابعة السفن المشبوهة من الفضاء تربك المهربين",
    "شاهد على المجزرة يروي ما رآه بعد أربعين عاما",
    "المزيد من العقوبات في الطريق إلى المصارف الصغيرة",
    "رسم خريطة جديدة للغاز بعد إغلاق الأنبوب",
    "حقوق النشر على طاولة البرلمان من جديد",
    "نشرة الأرصاد تحذر من سيول كل يوم حتى الجمعة",
    "المشتركون في خدمة الكهرباء يحصلون على إعفاء",
    "علامات استفهام على صفقة الرادار الجديدة",
    "رصد سفينتين محملتين بالذخيرة قرب المضيق",
    "تغطية عجز الموازنة تؤجل مرة أخرى",
    "العودة إلى بداية المفاوضات ترهق الوسطاء",
    "By land and sea, aid reaches the northern islands",
    "Source of the leak found beneath the old pier",
    "Print workers strike over night shifts",
    "Share prices slide as the ferry talks collapse",
    "Related charges dropped against the harbour master",
    "Follow the grain: how one cargo fed four towns",
    "Join or leave: island votes on the river treaty",
    "More on the table than fish, say the negotiators",
]
# Short lines between two paragraphs: subheadings, quotations, entries of a list.
INSIDE = [
    "تعليقات متضاربة",
    "صورة قاتمة",
    "صورة من الماضي",
    "مشهد أول: الميناء",
    "المزيد من العقوبات",
    "شاهد على العصر",
    "بريد من الجبهة",
    "كل الحقوق للضحايا",
    "النشرة الأخيرة",
    "عودة إلى بداية الخلاف",
    "الخيار الثاني: الحوار",
    "المرحلة الأولى: التمويه",
    "خريطة الطريق: ثلاث مراحل",
    "رسم الحدود: من يقرر ومتى",
    "السينما: أول فيلم عن الحصار",
    "المدير العام: سامر العلي",
    "«لن أبيع دكاني ولو أعطوني المدينة كلها»",
    "«كنا نشارك الخبز والأخبار»",
    "- رفض أهل الحي العرض الأول",
    "من يدفع الثمن؟",
    "ثالثا: التعويضات",
    "More on the table",
    "Related losses",
    "By the numbers",
    "Watch the birds, says the old pilot",
]
# Sentences that close an article.
LAST = [
    "ولم يرد الوزير على تعليقات خصومه.",
    "وقال إن الحساب على تويتر لا يخصه.",
    "على فيسبوك كتب الوزير استقالته.",
    "وأقر البرلمان قانون حقوق النشر.",
    "وتريد موسكو العودة إلى بداية المفاوضات.",
    "وأرسل الرئيس رسالة رد قصيرة.",
    "وسجل البديل هدف الرد سريعا.",
    "وأبدى المجلس رأيا مخالفا.",
    "أبدت اللجنة ملاحظات على النص.",
    "وبلغ عدد مرات تحميل التطبيق مليونا.",
    "وسجل ابنه في خدمة الاحتياط.",
    "أرسل تقريره إلى المجلس ثم استقال.",
    "تنبيه السفير لم يسمعه أحد.",
    "ووصل بريد الأسرى بعد عامين.",
    "شارك الخبراء في وضع النص.",
    "وبقي المشتركون بلا كهرباء يومين.",
    "جميع الحقوق عادت إلى أصحابها.",
    "من شارك في الهجوم لم يعرف بعد.",
    "He will share the report with both sides on Monday.",
    "It was a return to the top flight.",
    "Nobody followed him on Facebook.",
    "Comments were due by Friday.",
    "The subscribers got nothing.",
]


def read(path: Path) -> tuple[Document, set[int]]:
    """A page without its marks, and the lines (from 1) that are furniture."""
    lines = path.read_text(encoding="utf-8").split("\n")
    furniture = {number for number, line in enumerate(lines, start=1) if line.startswith(MARK)}
    return Document(path.stem, "\n".join(line.removeprefix(MARK) for line in lines)), furniture


def removed_lines(documents: list[Document]) -> dict[str, set[int]]:
    texts = {document.id: document.text for document in documents}
    found: dict[str, set[int]] = {id: set() for id in texts}
    for line in find_furniture(documents):
        assert texts[line.document][line.start : line.end] == line.text
        found[line.document].add(texts[line.document].count("\n", 0, line.start) + 1)
    return found


def lost(lines: list[str], news: str) -> bool:
    removed = [line.text for line in find_furniture([Document("page", "\n".join(lines))])]
    return news in removed
