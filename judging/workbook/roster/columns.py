"""The columns of the roster template: their content, in three languages.

Names and order are those of the importer; a test compares the two.
"""

from dataclasses import dataclass

from judging.rubric import Text


@dataclass(frozen=True, slots=True)
class RosterColumn:
    """One column: its name in the importer, its Chinese names, its description, and its list of choices.

    ``choices`` is ``cities``, ``categories``, ``languages``, ``rounds`` or ``criteria``; ``""`` offers none.
    """

    name: str
    hant: str
    hans: str
    about: Text
    is_required: bool = False
    choices: str = ""

    @property
    def heading(self) -> Text:
        """Return the heading; the importer reads its first line."""
        return Text(self.name.replace("_", " ").capitalize(), self.hant, self.hans)


SHEET_NAMES = {
    "judges": Text("Judges", "評審", "评委"),
    "teams": Text("Teams", "隊伍", "团队"),
    "proposals": Text("Proposals", "作品", "作品"),
    "assignments": Text("Assignments", "評審分配", "评审分配"),
    "scores": Text("Scores", "評分", "评分"),
}

_FROM_LIST = Text("From the list.", "從清單選取。", "从列表选取。")
_ONLY_CHECKED = Text("Only checked against the roster.", "只用於與名冊核對。", "只用于与名册核对。")
_WITHOUT_TEAMS = Text("Only without a sheet of teams.", "沒有隊伍工作表時填寫。", "没有团队工作表时填写。")
_NAMES_TEAM = Text(
    "Name of the team or contestant, when there is no sheet of teams; the same name is the same team.",
    "隊伍或參賽者的名稱，沒有隊伍工作表時填寫；名稱相同即為同一支隊伍。",
    "团队或参赛者的名称，没有团队工作表时填写；名称相同即为同一支团队。",
)
_JUDGE = RosterColumn(
    "judge", "評審編號", "评委编号", Text("Key of the judge.", "評審的編號。", "评委的编号。"), is_required=True
)
_PROPOSAL = RosterColumn(
    "proposal", "作品編號", "作品编号", Text("Key of the proposal.", "作品的編號。", "作品的编号。"), is_required=True
)

ROSTER: dict[str, tuple[RosterColumn, ...]] = {
    "judges": (
        RosterColumn(
            "key",
            "編號",
            "编号",
            Text(
                "Short name such as J01; stays the same.",
                "簡短編號，如 J01，之後不變。",
                "简短编号，如 J01，之后不变。",
            ),
            is_required=True,
        ),
        RosterColumn(
            "name",
            "姓名",
            "姓名",
            Text("As chairs and organisers see it.", "主席及主辦機構看到的姓名。", "主席及主办单位看到的姓名。"),
        ),
        RosterColumn("city", "城市", "城市", _FROM_LIST, choices="cities"),
        RosterColumn(
            "email", "電郵", "电子邮箱", Text("Gives the judge an account.", "用以建立評審帳戶。", "用以建立评委账户。")
        ),
        RosterColumn(
            "categories",
            "類別",
            "类别",
            Text(
                "Those the judge reads, separated by commas; empty means all.",
                "負責的類別，以逗號分隔；留空即全部。",
                "负责的类别，以逗号分隔；留空即全部。",
            ),
        ),
        RosterColumn(
            "languages",
            "語言",
            "语言",
            Text(
                "en, zh-Hant-HK, zh-Hans-CN, separated by commas; empty means all.",
                "en、zh-Hant-HK、zh-Hans-CN，以逗號分隔；留空即全部。",
                "en、zh-Hant-HK、zh-Hans-CN，以逗号分隔；留空即全部。",
            ),
        ),
        RosterColumn(
            "max_load",
            "上限",
            "上限",
            Text("Most proposals this judge takes on.", "最多評閱的作品數目。", "最多评阅的作品数目。"),
        ),
        RosterColumn(
            "affiliation",
            "所屬機構",
            "所属机构",
            Text(
                "Where the judge works; conflicts of interest are proposed from it.",
                "評審任職機構；據此提示利益衝突。",
                "评委任职机构；据此提示利益冲突。",
            ),
        ),
    ),
    "teams": (
        RosterColumn(
            "key",
            "編號",
            "编号",
            Text("Short name such as T014.", "簡短編號，如 T014。", "简短编号，如 T014。"),
            is_required=True,
        ),
        RosterColumn("name", "隊名", "团队名称", Text("Name of the team.", "隊伍名稱。", "团队名称。")),
        RosterColumn("city", "城市", "城市", _FROM_LIST, choices="cities"),
        RosterColumn(
            "affiliation",
            "所屬機構",
            "所属机构",
            Text(
                "Where the team works; conflicts of interest are proposed from it.",
                "隊伍所屬機構；據此提示利益衝突。",
                "团队所属机构；据此提示利益冲突。",
            ),
        ),
        RosterColumn(
            "email",
            "電郵",
            "电子邮箱",
            Text(
                "One or more, separated by commas. Conflicts of interest are proposed from their domains.",
                "一個或多個，以逗號分隔：函件會寄往每個地址。據其網域提示利益衝突。",
                "一个或多个，以逗号分隔：函件会发往每个地址。据其域名提示利益冲突。",
            ),
        ),
        RosterColumn(
            "mentors",
            "導師",
            "导师",
            Text(
                "Keys, names or e-mail addresses, separated by commas.",
                "評審編號、姓名或電郵，以逗號分隔。",
                "评委编号、姓名或邮箱，以逗号分隔。",
            ),
        ),
    ),
    "proposals": (
        RosterColumn(
            "key",
            "編號",
            "编号",
            Text("Short name such as P014.", "簡短編號，如 P014。", "简短编号，如 P014。"),
            is_required=True,
        ),
        RosterColumn(
            "team",
            "隊伍編號",
            "团队编号",
            Text(
                "Key of its team; not needed where the team is named here.",
                "隊伍的編號；在此填寫隊名時可留空。",
                "团队的编号；在此填写团队名称时可留空。",
            ),
        ),
        RosterColumn(
            "team_name",
            "隊名",
            "团队名称",
            _NAMES_TEAM,
        ),
        RosterColumn(
            "team_city",
            "隊伍城市",
            "团队城市",
            _WITHOUT_TEAMS,
            choices="cities",
        ),
        RosterColumn(
            "team_email",
            "隊伍電郵",
            "团队电子邮箱",
            _WITHOUT_TEAMS,
        ),
        RosterColumn("title", "標題", "标题", Text("Title of the proposal.", "作品標題。", "作品标题。")),
        RosterColumn("category", "類別", "类别", _FROM_LIST, choices="categories"),
        RosterColumn(
            "language",
            "語言",
            "语言",
            Text("Of the slides; from the list.", "簡報所用語言，從清單選取。", "演示文稿所用语言，从列表选取。"),
            choices="languages",
        ),
        RosterColumn(
            "summary", "簡介", "简介", Text("What judges read first.", "評審首先閱讀的簡介。", "评委首先阅读的简介。")
        ),
        RosterColumn(
            "deck_url",
            "簡報網址",
            "演示文稿网址",
            Text("Begins with https://", "以 https:// 開頭。", "以 https:// 开头。"),
        ),
        RosterColumn(
            "video_url",
            "短片網址",
            "视频网址",
            Text("Begins with https://", "以 https:// 開頭。", "以 https:// 开头。"),
        ),
    ),
    "assignments": (
        _JUDGE,
        _PROPOSAL,
        RosterColumn(
            "round",
            "輪次",
            "轮次",
            Text(
                "Key of the round, when it is not chosen with the file.",
                "如上載時沒有選擇輪次，填寫輪次編號。",
                "如上传时没有选择轮次，填写轮次编号。",
            ),
            choices="rounds",
        ),
    ),
    "scores": (
        _PROPOSAL,
        _JUDGE,
        RosterColumn(
            "score",
            "分數",
            "分数",
            Text("On the criterion's own scale.", "按該準則的評分範圍。", "按该项标准的评分范围。"),
            is_required=True,
        ),
        RosterColumn(
            "criterion",
            "準則",
            "标准",
            Text("Not needed when there is only one.", "只有一項準則時可留空。", "只有一项标准时可留空。"),
            choices="criteria",
        ),
        RosterColumn("comment", "評語", "评语", Text("On this criterion.", "對此準則的評語。", "对此项标准的评语。")),
        RosterColumn(
            "scored_at",
            "評分時間",
            "评分时间",
            Text("Such as 2023-07-03 14:05.", "如 2023-07-03 14:05。", "如 2023-07-03 14:05。"),
        ),
        RosterColumn(
            "judge_city",
            "評審城市",
            "评委城市",
            _ONLY_CHECKED,
            choices="cities",
        ),
        RosterColumn(
            "proposal_city",
            "作品城市",
            "作品城市",
            _ONLY_CHECKED,
            choices="cities",
        ),
        RosterColumn(
            "category",
            "類別",
            "类别",
            _ONLY_CHECKED,
            choices="categories",
        ),
    ),
}
