"""What may be asked for, how often and on what grounds: the readable table.

How long a hold may last and how much an extension gives stand in the policies of the stages `hold` and `resolve`;
how long the granter has, in that of the stage `relief`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cases.kinds import EXCLUSION_GROUNDS, EXTENSION_GROUNDS, HOLD_GROUNDS
from cases.lifecycle import Need

REVIEW_SHARE = 0.8  # of a hold's term, then the granter looks again


@dataclass(frozen=True)
class Terms:
    """One kind: `most` granted per case, from which statuses it may be asked for, whether paper or a picture must
    prove it, and what its form asks."""

    kind: str
    label: object
    most: int
    sources: tuple[str, ...]
    grounds: Mapping[str, object]
    proof: bool
    needs: tuple[Need, ...]
    icon: str
    effect: object  # what a grant does, in a sentence
    key: str = ""  # its letter, beside those of the lifecycle table


REASON = Need("reason", "text", True, _("情况说明"))
MEASURE = Need("measure", "text", True, _("这期间的安全措施"))
TOLD = Need("told", "text", "caller", _("怎样告知反映人的"))
PROOF = Need("attachments", "ids", True, _("凭据（照片）"))
EVIDENCE = Need("attachments", "ids", False, _("凭据（照片）"))

TABLE: dict[str, Terms] = {
    terms.kind: terms
    for terms in (
        Terms(
            "extension",
            _("延期"),
            1,
            ("accepted", "in_hand"),
            EXTENSION_GROUNDS,
            False,
            (
                Need("ground", "choice:extension_grounds", True, _("理由")),
                Need("amount", "number", False, _("延长多少")),
                REASON,
                MEASURE,
                TOLD,
                EVIDENCE,
            ),
            "hourglass",
            _("批准后办结时限从提出之时起延长；时钟不停，工单仍计入按期办结率。"),
            "Y",
        ),
        Terms(
            "hold",
            _("挂账"),
            2,
            ("accepted", "in_hand"),
            HOLD_GROUNDS,
            True,
            (
                Need("ground", "choice:hold_grounds", True, _("理由")),
                Need("until", "time", True, _("挂账至")),
                REASON,
                MEASURE,
                Need("next_step", "text", True, _("下一步")),
                TOLD,
                PROOF,
            ),
            "player-pause",
            _("批准后从提出之时起停表，到期自动恢复；挂账期间不计入按期办结率，恢复后照计。"),
            "G",
        ),
        Terms(
            "exclusion",
            _("剔除"),
            1,
            ("accepted", "in_hand", "on_hold"),
            EXCLUSION_GROUNDS,
            True,
            (
                Need("ground", "choice:exclusion_grounds", True, _("理由")),
                REASON,
                MEASURE,
                TOLD,
                PROOF,
            ),
            "ban",
            _("批准后工单退出所有考核指标的分子和分母，只计入剔除率；时钟照走，事情照办。"),
        ),
    )
}
KINDS = {kind: terms.label for kind, terms in TABLE.items()}
GROUNDS = {**EXTENSION_GROUNDS, **HOLD_GROUNDS, **EXCLUSION_GROUNDS}
STATES = {
    "asked": _("待批复"),
    "granted": _("已批准"),
    "refused": _("未批准"),
    "withdrawn": _("已撤回"),
    "lapsed": _("随工单了结"),
}
# what the entries are called
LABELS = {
    "relief.asked": _("提出申请"),
    "relief.granted": _("申请获批准"),
    "relief.refused": _("申请未批准"),
    "relief.withdrawn": _("申请撤回"),
    "relief.raised": _("逾期未批，转上一级"),
    "relief.unanswered": _("逾期未批，仍在等"),
    "relief.review_due": _("挂账已过八成，该复核了"),
    "relief.reviewed": _("已复核"),
}
