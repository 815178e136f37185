"""Decks of some simulated proposals, each in the language of its proposal and marked as simulated on every slide."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.documents.pdf import NoChineseFont
from judging.documents.slides.writing import Bar, Slide, Slides, write_slides
from judging.media.file_store import FileStore
from judging.media.media_limits import MediaLimits
from judging.services.access import Actor
from judging.services.proposal_files import receiving, uploads

_COLOURS = {
    "mobility": "#0b4f6c",
    "living": "#6b3f87",
    "environment": "#2f6b3a",
    "people": "#8a3b12",
    "government": "#36454f",
    "economy": "#7a5c00",
}
# By language: the footer, then a slide after the other with its title and points.
_FOOTERS = {
    "en": "{key} · Simulated for a demonstration: no such team or service exists",
    "zh-Hant-HK": "{key} · 為示範而模擬，並無此隊伍或服務",
    "zh-Hans-CN": "{key} · 为演示而模拟，并无此团队或服务",
}
_TEXTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "en": (
        ("", ("Simulated slides: invented for this demonstration.",)),
        (
            "Who needs it",
            (
                "People who live in one city and often travel to the other.",
                "Today they compare two websites with different words for the same thing.",
                "With this service they ask once and read one answer.",
            ),
        ),
        (
            "Data used (invented)",
            (
                "Hong Kong: dataset A, CSV, every day, with the place of each entry.",
                "Shanghai: dataset B, JSON, every hour, with the district of each entry.",
                "Both count differently; a table of definitions makes them comparable.",
            ),
        ),
        ("A trial (invented): minutes needed for one answer", ()),
        (
            "Cost and limits",
            (
                "Two developers for four months; one server.",
                "No personal data are stored.",
                "Entries that only one of the cities publishes are shown as missing.",
            ),
        ),
    ),
    "zh-Hant-HK": (
        ("", ("模擬簡報：為此示範而虛構。",)),
        (
            "誰需要這項服務",
            (
                "居於其中一地、經常往來兩地的市民。",
                "現時須比較兩個網站，同一事物的用語各有不同。",
                "有了這項服務，只須查詢一次，即可看到一致的答案。",
            ),
        ),
        (
            "所用數據（虛構）",
            (
                "香港：數據集甲，CSV格式，每日更新，載有每項記錄的位置。",
                "上海：數據集乙，JSON格式，每小時更新，載有每項記錄所屬地區。",
                "兩地統計方法不同，以定義對照表使數據可作比較。",
            ),
        ),
        ("試用結果（虛構）：取得一個答案所需的分鐘數", ()),
        (
            "成本與限制",
            (
                "兩名開發人員工作四個月；一部伺服器。",
                "不儲存個人資料。",
                "只有其中一地公布的項目，會註明另一地欠缺數據。",
            ),
        ),
    ),
    "zh-Hans-CN": (
        ("", ("模拟演示文稿：为本次演示而虚构。",)),
        (
            "谁需要这项服务",
            (
                "居住在其中一地、经常往来两地的居民。",
                "目前须对照两个网站，同一事物的说法各不相同。",
                "有了这项服务，只需查询一次，即可得到一致的答案。",
            ),
        ),
        (
            "所用数据（虚构）",
            (
                "香港：数据集甲，CSV格式，每日更新，含每条记录的位置。",
                "上海：数据集乙，JSON格式，每小时更新，含每条记录所属区域。",
                "两地统计口径不同，用定义对照表实现可比。",
            ),
        ),
        ("试用结果（虚构）：获得一个答案所需的分钟数", ()),
        (
            "成本与局限",
            (
                "两名开发人员，四个月；一台服务器。",
                "不保存个人信息。",
                "只有其中一地公布的项目，会注明另一地缺少数据。",
            ),
        ),
    ),
}
_BARS = {"en": ("Today", "With the service"), "zh-Hant-HK": ("現時", "使用後"), "zh-Hans-CN": ("目前", "使用后")}


def add_decks(
    session: Session,
    organiser: Actor,
    competition_key: str,
    files: FileStore,
    proposals: Collection[str],
    *,
    at: datetime,
) -> int:
    """Give proposals a deck, and return how many have one: none in Chinese on a machine without a Chinese font."""
    rows = session.exec(
        select(tables.Proposal)
        .join(tables.Competition, col(tables.Competition.id) == col(tables.Proposal.competition_id))
        .where(tables.Competition.key == competition_key, col(tables.Proposal.key).in_(proposals))
        .order_by(tables.Proposal.key)
    ).all()
    n_decks = 0
    for row in rows:
        try:
            content = write_slides(slides_of(row))
        except NoChineseFont:
            continue
        received = files.receive()
        try:
            received.write(content)
            upload = receiving.receive(files, received, f"{row.key}.pdf", MediaLimits())
        finally:
            received.close()
        uploads.add_file(session, organiser, competition_key, row.key, upload, at=at)
        n_decks += 1
    return n_decks


def slides_of(proposal: tables.Proposal) -> Slides:
    """Return the slides of a simulated proposal."""
    language = proposal.language or "en"
    before, after = _BARS[language]
    # Not the same numbers in every deck.
    minutes = 9 + proposal.pk % 14
    slides = [Slide(title=title or proposal.title, points=points) for title, points in _TEXTS[language]]
    slides[3] = Slide(title=slides[3].title, bars=(Bar(before, 3 * minutes), Bar(after, minutes)))
    return Slides(
        language=language,
        title=proposal.title,
        footer=_FOOTERS[language].format(key=proposal.key),
        colour=_COLOURS[proposal.category or "mobility"],
        slides=tuple(slides),
    )
