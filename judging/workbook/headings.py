"""Texts of the workbooks in three languages, because one cell has all that were chosen.

They are data and not catalogue entries: a workbook is read by people of both cities at once, whatever the language of
the person who downloaded it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from judging.rubric import LANGUAGES, Text

_chosen: ContextVar[Collection[str]] = ContextVar("languages of the workbook", default=LANGUAGES)


@contextmanager
def written_in(languages: Collection[str]) -> Iterator[None]:
    """Write the texts of every cell in these languages of ``LANGUAGES``; without this, in all three."""
    token = _chosen.set(languages)
    try:
        yield
    finally:
        _chosen.reset(token)


def forms_of(text: Text) -> list[str]:
    """Return a text in the chosen languages that it has, equal forms once; in all it has when it has none of them."""
    forms = text.by_language
    return list(dict.fromkeys([form for tag, form in forms.items() if tag in _chosen.get()] or forms.values()))


def stacked(text: Text) -> str:
    r"""Return the chosen languages of a heading, one on each line; Chinese forms that are equal occur once.

    >>> stacked(Text("Rank", "名次", "名次"))
    'Rank\n名次'
    """
    return "\n".join(forms_of(text))


def in_line(text: Text) -> str:
    """Return the languages of a short text in one line.

    >>> in_line(Text("Judges", "評審", "评委"))
    'Judges 評審 评委'
    """
    return " ".join(forms_of(text))


_MOST_OF_A_TAB = 31


def tab_of(text: Text) -> str:
    """Return the name of a sheet: its first chosen language, no longer than Excel allows.

    >>> with written_in(["zh-Hant-HK"]):
    ...     tab_of(Text("Ranking", "排名", "排名"))
    '排名'
    >>> tab_of(Text("Ranking", "排名", "排名"))
    'Ranking'
    """
    return forms_of(text)[0][:_MOST_OF_A_TAB]


# Sheets.
RANKING = Text("Ranking", "排名", "排名")
SHORTLIST = Text("Shortlist", "入圍名單", "入围名单")
SCORES = Text("Scores", "評分", "评分")
JUDGES = Text("Judges", "評審", "评委")
METHOD = Text("Method", "方法", "方法")
PROVENANCE = Text("Provenance", "來源", "来源")

# What is ranked.
RANK = Text("Rank", "名次", "名次")
RANK_LOW = Text("Rank, best", "最佳可能名次", "最佳可能名次")
RANK_HIGH = Text("Rank, worst", "最差可能名次", "最差可能名次")
PROPOSAL = Text("Proposal", "作品", "作品")
TITLE = Text("Title", "標題", "标题")
TEAM = Text("Team", "隊伍", "团队")
CITY = Text("City", "城市", "城市")
CATEGORY = Text("Category", "類別", "类别")
CALIBRATED = Text("Calibrated score", "校準分", "校准分")
CARRIED_SCORE = Text("Carried-over score", "帶入分數", "带入分数")
COMBINED = Text("Combined score", "綜合分", "综合分")
STANDARD_ERROR = Text("Standard error", "標準誤差", "标准误差")
LOW = Text("Lower end", "區間下限", "区间下限")
HIGH = Text("Upper end", "區間上限", "区间上限")
REACH = Text("Half of the interval", "區間的一半", "区间的一半")
RAW = Text("Raw mean", "原始平均分", "原始平均分")
RAW_LIVE = Text("Raw mean (live)", "原始平均分（公式）", "原始平均分（公式）")
MOVE = Text("Move", "校準變動", "校准变动")
ADDITIVE = Text("Additive", "只扣除嚴格程度", "仅扣除严格程度")
N_JUDGES = Text("Judges", "評審人數", "评委人数")
DISAGREEMENT = Text("Disagreement", "分歧", "分歧")
P_SHORTLIST = Text("Chance of a seat", "入圍機會", "入围概率")
IS_SHORTLISTED = Text("Shortlisted", "入圍", "入围")
STANDING = Text("Standing", "結果", "结果")
PLACE = Text("Place", "次序", "次序")
CLAUSE = Text("Clause", "條款", "条款")

# Scoresheets.
JUDGE = Text("Judge", "評審", "评委")
JUDGE_NAME = Text("Name", "姓名", "姓名")
JUDGE_CITY = Text("Judge's city", "評審所屬城市", "评委所属城市")
PROPOSAL_CITY = Text("Proposal's city", "作品所屬城市", "作品所属城市")
TOTAL = Text("Total", "總分", "总分")
TOTAL_LIVE = Text("Total (live)", "總分（公式）", "总分（公式）")
COMMENT = Text("Comment", "評語", "评语")
JUSTIFICATION = Text("Justification", "理由", "理由")
SAVED_AT = Text("Submitted", "提交時間", "提交时间")
VERSION = Text("Version", "版本", "版本")
WEIGHT = Text("Weight, %", "比重（%）", "权重（%）")
LOWEST = Text("Lowest score", "最低分", "最低分")
HIGHEST = Text("Highest score", "最高分", "最高分")

# Judges.
N_SHEETS = Text("Scoresheets", "評分表數目", "评分表数目")
SEVERITY = Text("Severity", "嚴格程度", "严格程度")
SCALE_USE = Text("Scale use", "評分幅度", "评分幅度")
CONSISTENCY = Text("Consistency", "一致性", "一致性")
HOME = Text("Home city", "本地優勢", "本地优势")
READING = Text("In words", "解讀", "解读")
DRIFT = Text("Drift", "評分漂移", "评分漂移")
INFIT = Text("Infit", "加權擬合度（infit）", "加权拟合度（infit）")
OUTFIT = Text("Outfit", "未加權擬合度（outfit）", "未加权拟合度（outfit）")
Z = Text("Z", "標準值", "标准值")
EXTREME_SHARE = Text("Sheets at one end", "極端評分表比例", "极端评分表比例")

# Method and provenance.
WHAT = Text("What", "項目", "项目")
VALUE = Text("Value", "數值", "数值")
VARIANCE = Text("Variance", "方差", "方差")
FIXED = Text("Fixed effect", "固定效應", "固定效应")
CITIES = Text("Cities", "城市", "城市")
LINKED_SET = Text("Linked set", "可互相比較的評審組別", "可相互比较的评委组")
NOTE = Text("Note", "說明", "说明")
SEAT_ERRORS = Text("Expected wrong seats", "預期錯配名額", "预期错配名额")
VERDICT = Text("Verdict of the model check", "模型檢查的結論", "模型检查的结论")
MODEL_CHECK = Text("Model check", "模型檢查", "模型检查")
CHECK_VERDICTS = {
    "decide": Text("can carry a decision", "可作決定依據", "可作决定依据"),
    "with_reservation": Text("with a reservation", "有保留", "有保留"),
    "do_not_decide": Text("do not decide by these numbers", "不宜據此決定", "不宜据此决定"),
}
CHECK_STATES = {
    "passed": Text("passed", "通過", "通过"),
    "noted": Text("found, allowed for", "有發現，模型已計及", "有发现，模型已计及"),
    "reservation": Text("reservation", "有保留", "有保留"),
    "failed": Text("failed", "不通過", "不通过"),
    "left_out": Text("nothing to test", "無可檢驗", "无可检验"),
}
CHECKS = {
    "unequal_work": Text("equal work for all judges", "各評審所評作品水準相若", "各评审所评作品水平相若"),
    "tied_to_severity": Text("work not tied to severity", "作品水準與評審嚴格度無關", "作品水平与评审严格度无关"),
    "agreeing_pairs": Text("judges score for themselves", "評審各自評分", "评审各自评分"),
    "against_panel": Text("judges score with the panel", "評審與評審團同向", "评审与评委会同向"),
    "drift": Text("severity constant", "嚴格度不變", "严格度不变"),
    "far_out": Text("no score far out", "沒有離群分數", "没有离群分数"),
    "spread": Text("spread of scores", "分數的離散程度", "分数的离散程度"),
    "one_answer": Text("one answer from two starting points", "兩個起點得同一結果", "两个起点得同一结果"),
    "links": Text("links between judges", "評審之間的聯繫", "评审之间的联系"),
    "repeated": Text("no repeated scoresheets", "沒有重複評分表", "没有重复评分表"),
    "weight_on_one": Text("weight on one judge", "權重集中於一位評審", "权重集中于一位评审"),
}
FIT = Text("Fit", "擬合", "拟合")
AS_STORED = Text("As stored", "儲存代碼", "存储代码")
FIT_CRITERIA = {
    "sum of squares": Text("sum of squares", "平方和", "平方和"),
    "REML": Text("restricted likelihood (REML)", "限制似然（REML）", "限制似然（REML）"),
    "-2 log likelihood": Text("−2 log likelihood", "−2 對數似然", "−2 对数似然"),
    "log score of each mark given all others": Text(
        "log score of each mark given all others",
        "以其他評分預測每個評分的對數得分",
        "用其他评分预测每个评分的对数得分",
    ),
}
CONVERGED = Text("converged", "已收斂", "已收敛")
ITERATIONS = Text("iterations", "疊代次數", "迭代次数")
SECONDS = Text("seconds", "秒數", "秒数")
CRITERION_MEAN = Text("Mean of criterion", "準則平均分", "各项标准平均分")
SEVERITY_IDENTIFIED = Text(
    "severity can be separated from quality", "可區分嚴格程度與作品水平", "可区分严格程度与作品水平"
)
CITY_SEVERITY = Text("Severity of a city's judges", "城市評審的嚴格程度", "城市评委的严格程度")
CITY_QUALITY = Text("Quality of a city's proposals", "城市作品的水平", "城市作品的水平")
CROSS_CITY = Text("scoresheets across cities", "跨城市評分表數目", "跨城市评分表数目")
READINGS = Text("Scoresheets, judges → proposals", "評分表數目（評審 → 作品）", "评分表数目（评委 → 作品）")
CONNECTIVITY = Text("Algebraic connectivity", "關聯程度", "关联程度")
COMPETITION = Text("Competition", "競賽", "竞赛")
ROUND = Text("Round", "輪次", "轮次")
RUN = Text("Run", "校準", "校准")
MODEL = Text("Method", "方法", "方法")
MADE_AT = Text("Time", "時間", "时间")
SEED = Text("Seed", "隨機種子", "随机种子")
CODE_DIGEST = Text("Digest of the calculating code", "計算程式校驗碼", "计算程序校验码")
SETTING = Text("Setting", "設定", "设置")
COUNT = Text("Count", "數目", "数目")
SCALE = Text("Scale of totals", "總分範圍", "总分范围")
DRAWS = Text("Joint draws", "聯合抽樣次數", "联合抽样次数")
CODE_VERSION = Text("Code version", "程式版本", "程序版本")
INPUT_DIGEST = Text("Input digest", "輸入校驗碼", "输入校验码")
RULES_DIGEST = Text("Rules digest", "規則校驗碼", "规则校验码")
RESULT_DIGEST = Text("Result digest", "結果校驗碼", "结果校验码")
EXPORTED_AT = Text("Exported", "匯出時間", "导出时间")
EXPORTED_BY = Text("Exported by", "匯出者", "导出者")
ENTERED = Text(
    "Entered for the judge by / confirmed by / file", "代評審輸入者／確認者／檔案", "代评委录入者／确认者／文件"
)
HANDED_OVER = Text("Signed in by a link handed over by", "登入連結由此人轉交", "登录链接由此人转交")
COMMAND_LINE = Text("command line", "指令列", "命令行")
FROM_PAPER = Text("paper", "紙本", "纸质")
AUDIT_HEAD = Text("Head of the audit log", "審計紀錄首碼", "审计记录首码")
SIMULATED = Text("Simulated data", "模擬數據", "模拟数据")
APPOINTED_ALONE = Text(
    "One organiser alone appointed the chairs", "主席由一名主辦人員單獨委任", "主席由一名主办人员单独任命"
)
COMPARISON = Text(
    "For comparison only: not the method of the rules", "僅供比較：並非規則所定的方法", "仅供比较：并非规则所定的方法"
)
SCORES_CHANGED = Text(
    "Scores have changed since this run; the sheet of scores shows those that went in, save any withdrawn since",
    "此次校準後評分有更改；評分工作表列出當時採用的評分（其後撤回者除外）",
    "此次校准后评分有更改；评分工作表列出当时采用的评分（其后撤回者除外）",
)
RULES_CHANGED = Text("The rules have changed since this run", "此次校準後規則有更改", "此次校准后规则有更改")
DESIGN_CHANGED = Text(
    "The proposals or judges that take part, or their cities, have changed since this run",
    "此次校準後，參與的作品、評審或其所屬城市有更改",
    "此次校准后，参与的作品、评委或其所属城市有更改",
)
CARRIED_CHANGED = Text(
    "The earlier round whose scores count has been released again since this run",
    "此次校準後，計入分數的較早輪次已重新公布",
    "此次校准后，计入分数的较早轮次已重新公布",
)
NOT_CALIBRATED = Text(
    "Scores as handed in so far; not calibrated yet", "目前已提交的評分，尚未校準", "目前已提交的评分，尚未校准"
)
MADE_BY = Text("Calibrated by", "進行校準者", "运行校准者")
ASSUMPTION = Text("Assumption in force", "現行假設", "现行假设")
YES = Text("yes", "是", "是")
NO = Text("no", "否", "否")
SHORTLISTED = Text("shortlisted", "入圍", "入围")
TIED = Text("tied at the line", "同分於分界線", "同分于分界线")
RESERVE = Text("reserve", "候補", "候补")
PASSED_OVER = Text("passed over", "未獲選", "未获选")

MODELS = {
    "raw": Text("raw mean, no adjustment", "原始平均，不作調整", "原始平均，不作调整"),
    "zscore": Text("z-scores per judge, for comparison", "每位評審標準分，僅供比較", "每位评委标准分，仅供比较"),
    "additive": Text("additive least squares", "只扣除嚴格程度（最小二乘法）", "仅扣除严格程度（最小二乘法）"),
    "mixed": Text("crossed random effects, REML", "交叉隨機效應（REML）", "交叉随机效应（REML）"),
    "hierarchical": Text("hierarchical model", "層級模型", "层级模型"),
    "rasch": Text("many-facet Rasch model", "多面 Rasch 模型", "多面 Rasch 模型"),
}

VARIANCES = {
    "proposal": Text("proposals", "作品", "作品"),
    "judge": Text("judges", "評審", "评委"),
    "residual": Text("what is left over", "殘差", "残差"),
    "judge_proposal": Text(
        "judge's liking for a proposal (halo)", "評審對作品的整體印象（光環效應）", "评委对作品的整体印象（光环效应）"
    ),
    "proposal_criterion": Text("proposal by criterion", "作品與準則", "作品与标准"),
    "judge_criterion": Text("judge by criterion", "評審與準則", "评委与标准"),
}

FIXED_EFFECTS = {
    "intercept": Text("level of the round", "本輪整體水平", "本轮整体水平"),
    "home_city": Text("home-city effect", "本地優勢", "本地优势"),
}

ASSUMPTIONS = {
    "prior": Text(
        "judges of all cities come from one pool, and so do proposals",
        "各城市的評審視為同一群體，作品亦然",
        "各城市的评委视为同一群体，作品亦然",
    ),
    "equal quality": Text(
        "proposals of all cities are equally good on average", "各城市作品的平均水平相同", "各城市作品的平均水平相同"
    ),
    "equal severity": Text(
        "judges of all cities are equally strict on average",
        "各城市評審的平均嚴格程度相同",
        "各城市评委的平均严格程度相同",
    ),
}

CLAUSES = {
    "floor": Text("below the floor of a criterion", "低於某準則的最低要求", "低于某项标准的最低要求"),
    "city_cap": Text("the city's cap is reached", "城市名額已滿", "城市名额已满"),
    "category_cap": Text("the category's cap is reached", "類別名額已滿", "类别名额已满"),
    "kept_for_minimum": Text("seats are kept for a minimum still open", "名額須留給未達下限者", "名额须留给未达下限者"),
    "city_minimum": Text("the city's minimum", "城市名額下限", "城市名额下限"),
    "category_minimum": Text("the category's minimum", "類別名額下限", "类别名额下限"),
    "moved_up": Text("moved up into a free seat", "遞補空缺", "递补空缺"),
    "tie": Text("tied at the line", "同分於分界線", "同分于分界线"),
}
