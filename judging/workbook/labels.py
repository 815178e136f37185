"""Texts of the sheets on decisions, rules and releases in three languages; see ``headings``."""

from judging.rubric import Text

# Sheets.
DECISIONS = Text("Decisions", "決定", "决定")
AWARDS = Text("Awards", "獎項", "奖项")
RULES = Text("Rules", "規則", "规则")
EXPLANATIONS = Text("Explanations", "變動解釋", "变动解释")
CHARTS = Text("Charts", "圖表", "图表")

# First sheet.
SUMMARY = Text("Summary", "摘要", "摘要")
SIGNATURES = Text("Signatures", "簽署", "签署")
DATE = Text("Date", "日期", "日期")

# Decisions.
VERDICT = Text("Verdict", "決定", "决定")
REASON = Text("Reason", "理由", "理由")
DECIDED_AT = Text("When", "時間", "时间")
DECIDED_BY = Text("By", "決定者", "决定者")
IN_FORCE = Text("In force", "現時有效", "现时有效")
VERDICTS = {
    "in": Text("on the shortlist", "列入入圍名單", "列入入围名单"),
    "out": Text("not on the shortlist", "不列入入圍名單", "不列入入围名单"),
    "rule": Text("taken back: the rule decides", "撤回：由規則決定", "撤回：由规则决定"),
}

# Awards.
AWARD = Text("Award", "獎項", "奖项")
KIND = Text("Kind", "種類", "种类")
MOST_WINNERS = Text("Winners at most", "得獎名額", "得奖名额")
GRANTED_AT = Text("Given", "頒予時間", "授予时间")
GRANTED_BY = Text("Given by", "頒予者", "授予者")
WITHDRAWN_AT = Text("Taken back", "撤回時間", "撤回时间")
AWARD_KINDS = {
    "category": Text("category award", "類別獎", "类别奖"),
    "jury": Text("jury award", "評審團獎", "评委会奖"),
    "other": Text("other award", "其他獎項", "其他奖项"),
}

# Explanations.
EXPLANATION = Text("Why it moved", "變動原因", "变动原因")
AMOUNT = Text("Points", "分數", "分数")
AMOUNT_EXACT = Text("Points, exact", "分數（精確值）", "分数（精确值）")
AFTER = Text("Score after it", "計入後分數", "计入后分数")
AFTER_LIVE = Text("Score after it (live)", "計入後分數（公式）", "计入后分数（公式）")
SENTENCE = Text("In words", "說明", "说明")
HIDDEN = Text("hidden: you declared a conflict", "已隱藏：你已申報利益衝突", "已隐藏：您已申报利益冲突")

# Charts.
TOP_OF_RANKING = Text(
    "Calibrated score with interval (dot, bar) and raw mean (diamond), best first",
    "校準分及區間（圓點、線段）與原始平均分（菱形），由高至低",
    "校准分及区间（圆点、线段）与原始平均分（菱形），由高至低",
)
SEVERITIES = Text(
    "Severity of judges with interval, harshest first; above 0 is stricter than the panel",
    "評審嚴格程度及區間，由嚴至寬；高於 0 即較評審團嚴格",
    "评委严格程度及区间，由严至宽；高于 0 即比评委会严格",
)
HOW_TO_READ = Text(
    "Where two lines overlap widely, the scores do not tell the two apart.",
    "兩條線段大幅重疊時，分數不足以區分兩者。",
    "两条线段大幅重叠时，分数不足以区分两者。",
)

# Rules.
SECTION = Text("Part", "部分", "部分")
RULE = Text("Rule", "規則", "规则")
DESCRIPTION = Text("Description", "說明", "说明")
CRITERION = Text("Criterion", "準則", "标准")
LEVEL = Text("Level", "等級", "等级")
SCALE = Text("Scale", "評分範圍", "评分范围")
STEP = Text("step", "級距", "级距")
RULES_VERSION = Text("Version of the rules", "規則版本", "规则版本")
DIGEST = Text("Digest", "校驗碼", "校验码")
CONSENT = Text("Consent", "同意", "同意")
TIE_BREAK = Text("Order among equal scores", "同分時的次序", "同分时的次序")
CALIBRATION = Text("Calibration", "校準", "校准")
READINGS = Text("Scoresheets", "評閱", "评阅")
PRIVACY = Text("Privacy", "私隱", "隐私")
CARRIED = Text("Carried over", "帶入分數", "带入分数")
PITCHES = Text("Pitches", "匯報", "路演")
TIMES = Text("Times", "時間", "时间")
BEGIN = Text("Begin", "開始", "开始")
DEADLINE = Text("Deadline", "截止", "截止")
FIELDS = {
    "size": Text("Seats", "名額", "名额"),
    "reserves": Text("Reserves", "候補數目", "候补数目"),
    "city_minimum": Text("At least, of a city", "城市名額下限", "城市名额下限"),
    "city_cap": Text("At most, of a city", "城市名額上限", "城市名额上限"),
    "category_minimum": Text("At least, of a category", "類別名額下限", "类别名额下限"),
    "category_cap": Text("At most, of a category", "類別名額上限", "类别名额上限"),
    "floors_by": Text("Floors compare", "最低要求所比較的分數", "最低要求所比较的分数"),
    "floors": Text("Floor of a criterion", "準則最低要求", "标准最低要求"),
    "model": Text("Method", "方法", "方法"),
    "home_city": Text("Home-city advantage", "本地優勢", "本地优势"),
    "quality_prior": Text("Expected quality", "預期水平", "预期水平"),
    "assumption": Text(
        "Assumption without scoresheets across cities", "沒有跨城市評閱時的假設", "没有跨城市评阅时的假设"
    ),
    "interval": Text("Probability of intervals", "區間概率", "区间概率"),
    "earlier": Text("Earlier scoresheets of the judges", "評審以往的評分表", "评委以往的评分表"),
    "n_draws": Text("Joint draws", "聯合抽樣次數", "联合抽样次数"),
    "seed": Text("Seed", "隨機種子", "随机种子"),
    "per_proposal": Text("Scoresheets a proposal", "每份作品評分表數目", "每份作品评分表数目"),
    "extra": Text("Further scoresheets in all", "額外評閱總數", "额外评阅总数"),
    "stop_below": Text(
        "No further scoresheet below this probability of a change, percent",
        "改變名單的概率（百分比）低於此值即不再額外評閱",
        "改变名单的概率（百分比）低于此值即不再额外评阅",
    ),
    "maximum": Text("Scoresheets a proposal at most", "每份作品評分表上限", "每份作品评分表上限"),
    "cross_city": Text(
        "Proposals of a city scored across cities", "每城市跨城市評閱作品數目", "每城市跨城市评阅作品数目"
    ),
    "teams_hidden": Text("Teams hidden from judges", "向評審隱藏隊伍", "对评委隐藏团队"),
    "identity_flags": Text("Flags that a team is recognisable", "隊伍身分可辨標記數目", "团队身份可辨标记数目"),
    "mirror": Text(
        "Judges see how they compare with the panel", "評審可查看本人與評審團的比較", "评委可查看本人与评委会的比较"
    ),
    "pitch_minutes": Text("Minutes for a pitch", "匯報時間（分鐘）", "路演时间（分钟）"),
    "questions_minutes": Text("Minutes for questions", "答問時間（分鐘）", "答辩时间（分钟）"),
    "scoring_minutes": Text("Minutes for scoring", "評分時間（分鐘）", "评分时间（分钟）"),
    "weight": Text("Weight, %", "比重（%）", "权重（%）"),
    "round": Text("Round", "輪次", "轮次"),
}
FIELDS["tie_breaks"] = TIE_BREAK
FIELDS["exact_reml"] = Text(
    "Plain REML, to compare with other programs", "純 REML，供與其他程式比較", "纯 REML，供与其他程序比较"
)
COUNTS = {
    "proposals": Text("proposals", "作品", "作品"),
    "judges": Text("judges", "評審", "评委"),
    "criteria": Text("criteria", "準則", "标准"),
    "sheets": Text("scoresheets", "評分表", "评分表"),
    "scores": Text("scores", "評分", "评分"),
    "repeated_sheets": Text("repeated scoresheets", "重複的評分表", "重复的评分表"),
}
SCALE_ENDS = {"minimum": Text("lowest", "最低", "最低"), "maximum": Text("highest", "最高", "最高")}
FLOORS_BY = {
    "raw": Text("the mean of the scores", "各評分的平均", "各评分的平均"),
    "calibrated": Text("the calibrated score", "校準分", "校准分"),
}
SAME_OF_ALL = Text(
    "the same of every proposal, whatever its category", "所有作品相同，不論類別", "所有作品相同，不论类别"
)
OCCASIONS = {
    "round": Text("earlier round", "較早的一輪", "较早的一轮"),
    "anchor": Text("practice proposals", "練習作品", "练习作品"),
    "year": Text("another competition", "另一屆競賽", "另一届竞赛"),
}

POLICIES = {
    "report": Text(
        "estimated and shown; stays in the scores", "估計並列出，但不從分數扣除", "估计并列出，但不从分数扣除"
    ),
    "adjust": Text("estimated and taken out of the scores", "估計並從分數扣除", "估计并从分数扣除"),
    "ignore": Text("left out of the model", "不納入模型", "不纳入模型"),
    "city_blind": Text(
        "the same of every proposal, whatever its city and category",
        "所有作品相同，不論城市及類別",
        "所有作品相同，不论城市及类别",
    ),
    "city": Text("the usual level of its city", "所屬城市的一般水平", "所属城市的一般水平"),
    "category": Text("the usual level of its category", "所屬類別的一般水平", "所属类别的一般水平"),
    "city_and_category": Text(
        "the usual level of its city and category", "所屬城市及類別的一般水平", "所属城市及类别的一般水平"
    ),
}
TIE_BREAKS = {
    "calibrated": Text("higher calibrated score", "校準分較高", "校准分较高"),
    "raw": Text("higher raw mean", "原始平均分較高", "原始平均分较高"),
    "median": Text("higher median of totals", "總分中位數較高", "总分中位数较高"),
    "p_shortlist": Text("higher probability of the shortlist", "入圍機會較高", "入围概率较高"),
    "n_judges": Text("more judges", "評審人數較多", "评委人数较多"),
    "disagreement": Text("less disagreement between judges", "評審分歧較小", "评委分歧较小"),
    "people": Text("people decide", "由評審團商議決定", "由评委会讨论决定"),
}
CRITERION_HIGHER = Text("higher mean score on", "此準則平均分較高：", "此项标准平均分较高：")
STATES = {
    "proposed": Text("proposed", "已提出", "已提出"),
    "sealed": Text("sealed", "已鎖定", "已锁定"),
    "withdrawn": Text("withdrawn", "已撤回", "已撤回"),
    "in force": Text("in force: signed by all", "已生效：全部簽署", "已生效：全部签署"),
    "stale": Text("proposed, but something has changed since", "已提出，但其後有更改", "已提出，但其后有更改"),
    "superseded": Text("superseded by a later one", "已由較後者取代", "已由较后者取代"),
    "lapsed": Text("lapsed: never signed by all", "已失效：未獲全部簽署", "已失效：未获全部签署"),
}

# Release.
RELEASE = Text("Release", "公布", "公布")
SIGNED = Text("Signed", "簽署", "签署")
RELEASE_CHANGED = Text(
    "Released, but something has changed since: this file shows what holds now",
    "已公布，但其後有更改：本檔案顯示現況",
    "已公布，但其后有更改：本文件显示现况",
)
ALL_JUDGES = Text("all judges", "全體評審", "全体评委")
LEAVES_OUT = Text(
    "Not the whole result: this copy leaves out what you declared a conflict about; places and ranks count the rest",
    "並非完整結果：本檔案略去閣下已申報利益衝突的內容，次序及名次只計算其餘作品",
    "并非完整结果：本文件略去您已申报利益冲突的内容，次序及名次只计算其余作品",
)
NOT_RELEASED = Text(
    "Not released: these results have not been signed", "未公布：此結果未經簽署", "未公布：此结果未经签署"
)
