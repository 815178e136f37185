"""Every model in words and symbols: its equations, what each symbol means, what it assumes, and where it comes from.

The symbols are those of docs/calibration.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judging.errors import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWords:
    """A model as it is reported.

    Attributes
    ----------
    equations : tuple of str
        In the notation of `judging.documents.formulas`.
    symbols : tuple of (symbol, meaning)
    assumptions : tuple of Message
    sources : tuple of str
        Publications, as they are cited.
    has_home_city : bool
        Whether the model can estimate the advantage of the judge's own city.
    """

    equations: tuple[str, ...]
    symbols: tuple[tuple[str, Message], ...]
    assumptions: tuple[Message, ...]
    sources: tuple[str, ...] = ()
    has_home_city: bool = False


_SCORE = ("y_ijc", Message("score that judge j gave proposal i on criterion c"))
_WEIGHT = ("w_c", Message("weight of criterion c; the weights sum to 1"))
_TOTAL = ("y_ij", Message("total of judge j for proposal i: the weighted sum of the scores of one scoresheet"))
_QUALITY = ("q_i", Message("quality of proposal i"))
_SEVERITY = ("s_j", Message("severity of judge j, + for harsher"))
_RESIDUAL = ("e_ij", Message("what is left over on one scoresheet"))
_LEVEL = ("mu_c", Message("mean of criterion c: an average proposal scored by an average judge"))
_PROFILE = ("k_ic", Message("how much better or worse proposal i is on criterion c than as a whole"))
_SEVERITY_ON = ("s_jc", Message("further severity of judge j on criterion c"))
_HALO = ("h_ij", Message("liking of judge j for proposal i, which all criteria of a scoresheet share (halo)"))
_RESIDUAL_ON = ("e_ijc", Message("what is left over of a single score"))
_IS_HOME = ("x_ij", Message("1 where judge and proposal are of one city, otherwise 0"))
_ESTIMATE = ("C_i", Message("calibrated score of proposal i"))

_CONSTANT = Message("A judge's severity is the same for all proposals and through the whole round.")
_INDEPENDENT = Message(
    "What is left over is independent from score to score, given the other terms, and of equal spread."
)
_ONE_POPULATION = Message(
    "Proposals come from one population with a normal distribution of quality, and judges from one of severity; "
    "estimates are shrunk towards the mean the more, the fewer scoresheets there are."
)
_RANDOM_WORK = Message("The quality of the work that a judge was assigned does not depend on the judge's severity.")

_PATTERSON = (
    "H. D. Patterson, R. Thompson: Recovery of inter-block information when block sizes are unequal. Biometrika 58 "
    "(1971), 545–554."
)
_CHUNG = (
    "Y. Chung, S. Rabe-Hesketh, V. Dorie, A. Gelman, J. Liu: A nondegenerate penalized likelihood estimator for "
    "variance parameters in multilevel models. Psychometrika 78 (2013), 685–709."
)
_MUNDLAK = "Y. Mundlak: On the pooling of time series and cross section data. Econometrica 46 (1978), 69–85."
_MINKA = "T. Minka: Expectation propagation for approximate Bayesian inference. UAI 2001, 362–369."
_LINACRE = "J. M. Linacre: Many-Facet Rasch Measurement. MESA Press, Chicago 1989."
_ANDRICH = "D. Andrich: A rating formulation for ordered response categories. Psychometrika 43 (1978), 561–573."

WORDS: Mapping[str, ModelWords] = {
    "raw": ModelWords(
        equations=("y_ij = sum_c w_c y_ijc", "C_i = (1 / n_i) sum_j y_ij"),
        symbols=(
            _SCORE,
            _WEIGHT,
            _TOTAL,
            _ESTIMATE,
            ("n_i", Message("number of scoresheets of proposal i")),
        ),
        assumptions=(
            Message("All judges are equally strict, or every proposal is scored by the same judges."),
            Message("The totals of a proposal vary independently, with the same spread for every proposal."),
        ),
    ),
    "zscore": ModelWords(
        equations=("z_ij = (y_ij - m_j) / d_j", "C_i = m + d (1 / n_i) sum_j z_ij"),
        symbols=(
            _TOTAL,
            ("z_ij", Message("standardised total of judge j for proposal i")),
            ("m_j", Message("mean of the totals of judge j")),
            (
                "d_j",
                Message(
                    "standard deviation of the totals of judge j; with fewer than five scoresheets, or equal totals, "
                    "the panel's"
                ),
            ),
            ("m", Message("mean of all totals")),
            ("d", Message("standard deviation of all totals")),
            ("n_i", Message("number of scoresheets of proposal i")),
            _ESTIMATE,
        ),
        assumptions=(
            Message("Every judge was assigned work that is equally good on average, and equally spread."),
            Message(
                "Means and standard deviations of judges are taken as known. Standard errors are therefore too small: "
                "this model is for comparison only."
            ),
        ),
    ),
    "additive": ModelWords(
        equations=("y_ij = sum_c w_c y_ijc", "y_ij = q_i - s_j + e_ij", "sum_j s_j = 0", "C_i = q_i"),
        symbols=(_SCORE, _WEIGHT, _TOTAL, _QUALITY, _SEVERITY, _RESIDUAL, _ESTIMATE),
        assumptions=(
            _CONSTANT,
            Message("What is left over is independent from scoresheet to scoresheet, and of equal spread."),
            Message(
                "Nothing is assumed about how good proposals or how strict judges are: least squares shrinks nothing. "
                "The severities sum to zero within each set of linked judges."
            ),
        ),
        sources=("S. R. Searle: Linear Models. Wiley, New York 1971, chapter 7.",),
    ),
    "mixed": ModelWords(
        equations=(
            "y_ijc = mu_c + q_i + k_ic - s_j - s_jc + h_ij + g x_ij + e_ijc",
            "q_i ~ N(0, sigma_q^2) , s_j ~ N(0, sigma_s^2) , h_ij ~ N(0, sigma_h^2)",
            "C_i = sum_c w_c (mu_c + q_i + k_ic)",
        ),
        symbols=(
            _SCORE,
            _LEVEL,
            _QUALITY,
            _PROFILE,
            _SEVERITY,
            _SEVERITY_ON,
            _HALO,
            ("g", Message("advantage of being scored by a judge of the proposal's own city")),
            _IS_HOME,
            _RESIDUAL_ON,
            (
                "sigma_q",
                Message("spread of quality between proposals; in the same way s, h and the other random terms"),
            ),
            _WEIGHT,
            _ESTIMATE,
        ),
        assumptions=(
            _ONE_POPULATION,
            _CONSTANT,
            _RANDOM_WORK,
            _INDEPENDENT,
            Message(
                "Variances are estimated by restricted maximum likelihood. Where the design separates cities and each "
                "has three judges or more, the cities' severities are fixed effects. A variance of severity that "
                "would be zero is the mode under a Gamma(2) prior of the standard deviation."
            ),
        ),
        sources=(_PATTERSON, _CHUNG),
        has_home_city=True,
    ),
    "hierarchical": ModelWords(
        equations=(
            "y_ijc^* = mu_c + a_j (b_i + q_i + k_ic) - s_j - s_jc + g_j x_ij + f_j (h_ij + e_ijc)",
            "q_i ~ N(0, sigma_q^2) , s_j ~ N(0, sigma_s^2) , h_ij ~ N(0, sigma_h^2)",
            "C_i = sum_c w_c (mu_c + b_i + q_i + k_ic)",
        ),
        symbols=(
            (
                "y_ijc^*",
                Message(
                    "opinion of judge j on proposal i and criterion c; the score is this opinion rounded to the step "
                    "and cut at the ends of the scale"
                ),
            ),
            _LEVEL,
            _QUALITY,
            _PROFILE,
            (
                "b_i",
                Message(
                    "mean, over the judges of proposal i, of how good the work is that each was assigned; learned "
                    "together with its correlation to severity"
                ),
            ),
            ("a_j", Message("scale use of judge j: above 1, the judge spreads proposals further than the panel")),
            _SEVERITY,
            _SEVERITY_ON,
            ("g_j", Message("advantage that judge j gives to proposals of the judge's own city")),
            _IS_HOME,
            ("f_j", Message("consistency of judge j: above 1, what is left over is larger and the judge counts less")),
            _HALO,
            _RESIDUAL_ON,
            (
                "sigma_q",
                Message("spread of quality between proposals; in the same way s, h and the other random terms"),
            ),
            _WEIGHT,
            _ESTIMATE,
        ),
        assumptions=(
            _ONE_POPULATION,
            _CONSTANT,
            _INDEPENDENT,
            Message(
                "Scale use and consistency of judges vary around 1; where the scores have no evidence for it, the "
                "model becomes the crossed one without them. No judge counts more than six times as much as an "
                "average one."
            ),
            Message(
                "Scoresheets that repeat a judge and proposal, and those of two judges who agree too closely, count "
                "together as one reading. A judge who scores against the panel is read with the scale turned round. "
                "Each is named in the notes."
            ),
        ),
        sources=(_MUNDLAK, _MINKA),
        has_home_city=True,
    ),
    "rasch": ModelWords(
        equations=("log (P_ijck / P_{ijc k-1}) = q_i - s_j - d_c - f_k", "sum_j s_j = sum_c d_c = sum_k f_k = 0"),
        symbols=(
            ("P_ijck", Message("probability that judge j gives proposal i the score k on criterion c")),
            ("q_i", Message("measure of proposal i, in logits")),
            ("s_j", Message("severity of judge j, in logits, + for harsher")),
            ("d_c", Message("difficulty of criterion c, in logits")),
            ("f_k", Message("threshold between the scores k-1 and k; criteria with the same scale share them")),
        ),
        assumptions=(
            _CONSTANT,
            Message(
                "Given the measures, single scores are independent. Standard errors allow for the halo that the "
                "scores show."
            ),
            Message(
                "The calibrated score is the total that a proposal of this measure is expected to get from a judge of "
                "mean severity."
            ),
            Message(
                "Estimated by joint maximum likelihood with the conventions of Facets; measures are a little too "
                "spread out where there are few scoresheets, which does not change ranks."
            ),
        ),
        sources=(_LINACRE, _ANDRICH),
    ),
}
