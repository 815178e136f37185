"""The words of headings in English and Chinese, by kind of row and field; Chinese ones in Simplified characters.

Headings are compared without case, blanks and scripts, so a word stands here once. Of a field's groups the first is
the most certain; a later one counts only when no column has a word of an earlier one.
"""

from __future__ import annotations

from typing import Final

PROPOSAL: Final = (
    "proposal|proposals|proposal key|proposal id|proposal no|proposal number|proposal code|submission|submissions|"
    "submission id|submission no|submission number|submission code|entry|entries|entry id|entry no|entry number|entry code|"
    "project|project id|project no|project number|project code|paper|paper id|paper no|paper number|contestant|contestant id|"
    "contestant no|contestant number|candidate|candidate id|candidate no|candidate number|competitor|competitor id|participant|"
    "participant id|applicant|applicant id|application|application id|application no|application number|nominee|abstract id|"
    "poster id|poster no|poster|exhibit|work id|work|works|作品|作品编号|作品号|作品序号|作品代号|作品代码|参赛作品|参赛作品编号|参赛编号|参赛号|参赛者|"
    "参赛者编号|参赛项目|项目|项目编号|项目号|项目代码|提案|提案编号|方案|方案编号|选手|选手编号|论文|论文编号|申报编号|报名编号|申请编号|候选人|"
    "which proposal are you scoring|which project are you scoring|which entry are you scoring|which team are you scoring|"
    "which project are you judging|which entry are you judging|which team are you judging|which proposal are you judging",
    "team|team id|team no|team number|team code|team key|group|group id|group no|group number|队伍|队伍编号|团队|团队编号|队号|组号|小组|"
    "参赛队伍|参赛队|参赛团队|队名|队伍名称|团队名称|team name|group name",
    "title|proposal title|project title|project name|entry name|entry title|submission title|paper title|work title|作品名称|"
    "作品名|作品标题|项目名称|标题|题目|论文题目|提案名称",
    "key|id|code|number|编号|代号|代码|name|名称|row labels|行标签",
)
JUDGE: Final = (
    "judge|judges|judge key|judge id|judge no|judge number|judge code|judge name|name of judge|judges name|reviewer|reviewers|"
    "reviewer id|reviewer no|reviewer name|reviewer number|referee|referee id|referee name|rater|rater id|assessor|assessor id|"
    "assessor name|evaluator|evaluator id|evaluator name|examiner|examiner id|examiner name|grader|grader id|marker|juror|"
    "juror id|juror name|adjudicator|adjudicator name|scorer|panelist|panellist|peer|peer id|peer reviewer|expert|expert name|"
    "scored by|judged by|reviewed by|marked by|graded by|rated by|evaluated by|评审|评审编号|评审号|评审姓名|评审名称|评审员|评审人|"
    "评审代号|评审专家|评审老师|评委|评委编号|评委号|评委姓名|评委名称|评委代号|评判|评判姓名|评判编号|裁判|裁判编号|裁判姓名|评分人|评分者|评分员|打分人|"
    "专家|专家姓名|专家编号|评阅人|审稿人|考官|评议人",
    "email|email address|e mail|e mail address|your email|your email address|judge email|reviewer email|电邮|电邮地址|电子邮件|"
    "电子邮件地址|电子邮箱|邮箱|邮箱地址|邮件地址",
    "your name|full name|name|username|user name|user|姓名|您的姓名|你的姓名|名字|填写人|提交人|提交者|答题人|昵称",
)
SCORE: Final = (
    "score|scores|mark|marks|point|points|rating|ratings|grade|grades|score given|points given|分数|评分|得分|打分|分值|成绩|评分结果",
    "value|result|overall|overall score|overall rating|overall mark|结果|综合评分|综合得分|总评",
    "total|total score|total mark|total marks|total points|final score|final mark|总分|总成绩|总得分|最终得分",
    "rank|ranking|rank given|place|placing|position|名次|排名|位次|排位",
)
COMMENT: Final = (
    "comment|comments|remark|remarks|feedback|评语|意见|评论|反馈|评审意见|点评",
    "note|notes|justification|reason|reasons|备注|说明|理由|any comments|other comments|additional comments",
)
SCORED_AT: Final = (
    "scored at|timestamp|time stamp|scoring time|scored on|submitted at|submission time|submitted on|completion time|"
    "completed at|finish time|时间戳|时间戳记|时间标记|评分时间|打分时间|提交时间|完成时间|填写时间|提交答卷时间",
    "time|date|date time|datetime|submitted|submission date|created at|created|updated at|saved at|日期|时间|日期时间|评分日期",
)
GIVEN_NAME: Final = (
    "first name|first names|given name|given names|forename|your first name|judge first name|reviewer first name|名|评委名|评审名",
)
FAMILY_NAME: Final = (
    "last name|last names|surname|family name|your last name|judge last name|reviewer last name|judge surname|姓|姓氏|评委姓|评审姓",
)
_CITY: Final = ("city|城市",)
_CATEGORY: Final = ("category|track|theme|类别|组别|分类|赛道|主题",)
_CATEGORIES: Final = ("categories|类别|category|组别",)
_LANGUAGES: Final = ("languages|语言|language",)
_AFFILIATION: Final = ("affiliation|organisation|organization|institution|employer|机构|工作单位|所属机构|单位",)
_KEY: Final = ("key", "编号|id|code|代号|代码", "number|no|号码")

FIELDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "judges": {
        "key": (_KEY[0], "judge key|judge id|judge code|judge no|judge number|评审编号|评委编号|评审代号|评委代号|reviewer id|评判编号", *_KEY[1:], "judge|评审|评委"),
        "name": ("name", "judge name|full name|姓名|评审姓名|评委姓名|名字|评判姓名|专家姓名|name of judge", "judge|reviewer|评审|评委|评判|名称"),
        "city": _CITY,
        "email": ("email|e mail|email address|e mail address|电邮|电邮地址|电子邮件|电子邮件地址|电子邮箱|邮箱|邮箱地址|mail",),
        "categories": _CATEGORIES,
        "languages": _LANGUAGES,
        "given_name": GIVEN_NAME,
        "family_name": FAMILY_NAME,
        "max_load": ("max load|maximum load|上限|max|maximum|max proposals|capacity|最多|最多作品数",),
        "affiliation": _AFFILIATION,
    },
    "teams": {
        "key": (_KEY[0], "team key|team id|team code|team no|team number|队伍编号|团队编号|队号", *_KEY[1:], "team|队伍|团队"),
        "name": ("name", "team name|队名|队伍名称|团队名称|名称", "team|队伍|团队"),
        "city": _CITY,
        "affiliation": _AFFILIATION,
        "email": ("email|e mail|email address|team email|contact email|电邮|电子邮箱|邮箱|电子邮件",),
        "mentors": ("mentors|mentor|导师|指导老师",),
    },
    "proposals": {
        "key": (
            _KEY[0],
            "proposal key|proposal id|proposal no|proposal number|proposal code|entry id|entry no|entry number|submission id|"
            "submission no|submission number|project id|project no|project number|project code|作品编号|作品号|参赛编号|项目编号|提案编号",
            *_KEY[1:],
            "proposal|entry|submission|project|作品|项目|提案",
        ),
        "team": ("team", "team key|team id|team code|team no|team number|队伍编号|团队编号|队号", "队伍|团队|参赛队伍|group"),
        "team_name": ("team name", "队名|队伍名称|团队名称|参赛队伍名称|group name", "contestant|contestant name|student|student name|pupil|participant|参赛者|参赛者姓名|参赛学生|学生|学生姓名|姓名"),
        "team_city": ("team city", "队伍城市|团队城市", "city|城市"),
        "team_email": ("team email", "队伍电邮|团队电子邮箱|队伍电子邮箱|contact email|联络电邮|联系电邮|联系邮箱|联络邮箱", "email|e mail|email address|e mail address|电邮|电邮地址|电子邮箱|邮箱|电子邮件"),
        "title": ("title", "proposal title|project title|entry title|submission title|project name|proposal name|entry name|标题|作品名称|作品名|作品标题|项目名称|题目", "name|名称"),
        "category": _CATEGORY,
        "language": ("language|语言",),
        "summary": ("summary", "abstract|description|简介|摘要|描述|作品简介|项目简介"),
        "deck_url": ("deck url", "deck|slides|slides url|slide deck|演示文稿网址|简报网址|演示文稿|简报"),
        "video_url": ("video url", "video|video link|视频网址|短片网址|视频|短片"),
    },
    "assignments": {
        "judge": JUDGE,
        "proposal": PROPOSAL,
        "given_name": GIVEN_NAME,
        "family_name": FAMILY_NAME,
        "round": ("round|轮次|回合|stage|phase|阶段",),
    },
    "scores": {
        "proposal": PROPOSAL,
        "judge": JUDGE,
        "score": SCORE,
        "criterion": (
            "criterion|criteria|criterion key|aspect|dimension|trait|rubric item|准则|标准|评审准则|评审标准|评分标准|评分项|评分项目|评分准则|指标|评审指标",
        ),
        "comment": COMMENT,
        "scored_at": SCORED_AT,
        "given_name": GIVEN_NAME,
        "family_name": FAMILY_NAME,
        "judge_city": ("judge city|评审城市|评委城市|reviewer city",),
        "proposal_city": ("proposal city|作品城市|team city|队伍城市|团队城市",),
        "category": _CATEGORY,
    },
    "plan_proposals": {
        "proposal": PROPOSAL,
        "city": _CITY,
        "category": _CATEGORY,
        "language": ("language|语言",),
    },
    "plan_judges": {
        "judge": JUDGE,
        "city": _CITY,
        "categories": _CATEGORIES,
        "languages": _LANGUAGES,
        "max_load": ("max load|上限|max|maximum|capacity",),
    },
    "pairs": {"proposal": PROPOSAL, "judge": JUDGE, "given_name": GIVEN_NAME, "family_name": FAMILY_NAME},
}  # fmt: skip
"""Kind of rows -> field -> groups of words, the most certain group first."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "judges": ("key",),
    "teams": ("key",),
    "proposals": ("key",),
    "assignments": ("judge", "proposal"),
    "scores": ("proposal", "judge", "score"),
    "plan_proposals": ("proposal",),
    "plan_judges": ("judge",),
    "pairs": ("proposal", "judge"),
}

TOTALS: Final = frozenset(
    [
        "total",
        "totals",
        "grand total",
        "sum",
        "subtotal",
        "sub total",
        "average",
        "averages",
        "mean",
        "avg",
        "overall average",
        "median",
        "maximum",
        "minimum",
        "max",
        "min",
        "highest",
        "lowest",
        "highest score",
        "lowest score",
        "最高",
        "最低",
        "std",
        "std dev",
        "standard deviation",
        "sd",
        "variance",
        "range",
        "count",
        "total score",
        "total mark",
        "total marks",
        "total points",
        "weighted total",
        "weighted score",
        "weighted average",
        "final score",
        "final mark",
        "average score",
        "mean score",
        "rank",
        "ranking",
        "place",
        "placing",
        "position",
        "合计",
        "总计",
        "总分",
        "总和",
        "小计",
        "平均",
        "平均分",
        "平均值",
        "均分",
        "均值",
        "最高分",
        "最低分",
        "最大值",
        "最小值",
        "标准差",
        "中位数",
        "加权总分",
        "最终得分",
        "总成绩",
        "总得分",
        "名次",
        "排名",
        "位次",
        "去极值平均分",
        "result",
    ]
)
"""Words of columns and rows that are computed from scores; folded, Simplified."""

TOTAL_ROWS: Final = (TOTALS - frozenset(["rank", "ranking", "place", "placing", "position", "range", "count", "result", "max", "min", "名次", "排名", "位次"])) | frozenset(
    ["lowest", "highest", "maximum", "minimum", "weight", "weights", "weighting", "out of", "max score", "maximum score", "max mark", "maximum mark", "max points", "full marks", "full mark", "权重", "比重", "满分", "总平均"]
)  # fmt: skip
"""Words of rows that are no proposal, judge or score of anybody."""

NUMBERING: Final = frozenset(
    [
        "no",
        "no.",
        "nr",
        "number",
        "#",
        "s/n",
        "sn",
        "s n",
        "serial",
        "serial no",
        "serial number",
        "index",
        "row",
        "row no",
        "line",
        "item no",
        "序号",
        "序",
        "行号",
        "编号",
        "id",
        "response id",
        "submission id no",
    ]
)
"""Words of columns that only count the rows."""

JUDGE_WORDS: Final = [
    "judge",
    "reviewer",
    "referee",
    "rater",
    "assessor",
    "evaluator",
    "examiner",
    "grader",
    "marker",
    "juror",
    "adjudicator",
    "scorer",
    "panelist",
    "panellist",
    "expert",
    "评审",
    "评委",
    "评判",
    "裁判",
    "评审员",
    "专家",
    "考官",
    "评分人",
]
"""Words that begin the heading of one judge's column, such as ``Judge 1`` or ``评委一``."""
