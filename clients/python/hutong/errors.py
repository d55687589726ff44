# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, with the code and the texts of docs/ERRORS.md."""
from __future__ import annotations

from ._rules import RULES


class HutongError(Exception):
    """`code` as in docs/ERRORS.md; both languages; what to do; where."""

    def __init__(self, code: str = "", path: str = "", detail: str = "", zh: str = "", en: str = "", retry_helps: bool = False):
        rule = RULES.get(code)
        self.code, self.path, self.detail = code, path, detail
        self.zh, self.en = zh or (rule[2] if rule else ""), en or (rule[3] if rule else "")
        self.remedy_zh, self.remedy_en = (rule[4], rule[5]) if rule else ("", "")
        self.retry_helps = retry_helps or bool(rule and rule[1])
        where = " (%s)" % ", ".join(each for each in (path, detail) if each) if path or detail else ""
        super().__init__("%s %s / %s%s%s" % (code, self.zh, self.en, where, ": " + self.remedy_en if self.remedy_en else ""))

    @classmethod
    def of(cls, refusal) -> "HutongError":
        return cls(refusal.code, refusal.path, refusal.detail, refusal.zh, refusal.en, refusal.retry_helps)


class Refused(HutongError):
    """The exchange, or the check before sending, does not take it. Nothing was stored."""


class NotCanonical(Refused):
    """The bytes are not in the form of PROTOCOL, 3."""


class Conflict(HutongError):
    """The id stands for other content."""


class Silence(HutongError):
    """No answer in time. It says nothing of what became of the message: send the same bytes again."""

    def __init__(self, what: str):
        super().__init__(zh="限定时间内没有应答，结果未知", en="no answer in time: unknown, not refused", detail=what)


class SignatureWrong(HutongError):
    """What came is not signed by the key that was given."""

    def __init__(self, what: str):
        super().__init__(zh="签名与内容或密钥不符", en="the signature is not this key's over these bytes", detail=what)
