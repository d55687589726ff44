# SPDX-License-Identifier: Apache-2.0
"""F14: calc refuses what the exchange refuses, by the same rules and codes, and never dies of what it is given. What it prints can be
reckoned again with what stands on the line."""
import decimal
import json
import os
import re
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
HUTONG = os.path.join(os.environ["HUTONG_BIN"], "hutong")
failures = []


def calc(*words, policy="110000-310", person="110101198001011419", **fields):
    bill = {"billId": "F14", "institution": "H12010199001", "insuredArea": "110000", "insuranceType": "310", "careKind": "21",
            "admissionDate": 20250301, "dischargeDate": 20250310, "diagnosis": "J18.900", "credential": "01", "totalFen": "10000",
            "items": [{"code": "XN01AB00000000000000005", "level": "01", "unitPriceMicro": "100000000", "quantityE4": "10000",
                       "amountFen": "10000"}], **fields}
    return subprocess.run([HUTONG, "calc", "--policy", os.path.join(ROOT, "data/policies/%s.yaml" % policy), *words, "-"],
                          input=json.dumps({"personId": person, "billSettle": bill}).encode(), capture_output=True, timeout=30)


def expect(what, done, code, said=""):
    text = done.stderr.decode()
    if done.returncode != code or said not in text:
        failures.append("%s: exit code %d, %s" % (what, done.returncode, text))


expect("a good bill", calc(), 0)
expect("no person", calc("--age", "70", person=""), 0)
expect("no discharge", calc(dischargeDate=None), 1, "BIL-0003 bill_settle.discharge_date")
expect("30 February", calc(dischargeDate=20250230), 1, "BIL-0003 bill_settle.discharge_date")
expect("month 13", calc(admissionDate=20251301), 1, "BIL-0003 bill_settle.admission_date")
expect("reversed", calc(dischargeDate=20250201), 1, "BIL-")
expect("in the future", calc(dischargeDate=29990101), 1, "BIL-")
expect("the sum", calc(totalFen="99900"), 1, "BIL-0007 bill_settle.total_fen")
expect("no items", calc(items=[]), 1, "BIL-")
expect("no person of this number", calc(person="110101198001011418"), 1, "IDN-")
expect("born after", calc(admissionDate=19700101), 1, "IDN-0004")
expect("another area's policy", calc(policy="120000-310"), 2, "110000 310")
expect("another type's policy", calc(policy="110000-390"), 2, "110000 390")
expect("a category that is none", calc("--category", "9999"), 1, "REF-0007")
expect("a code that no table has", calc(items=[{"code": "X1", "level": "01", "unitPriceMicro": "100000000", "quantityE4": "10000",
                                                "amountFen": "10000"}]), 1, "BIL-")
expect("an area that no table has", calc(insuredArea="159900"), 1, "REF-0005")
expect("what to do", calc(totalFen="99900"), 1, "处理: ")
for words in (("--category", "11010"), ("--poverty", "9"), ("--filing", "9"), ("--stays", "4294967297"), ("--level", "4"),
              ("--level", "4294967299"), ("--age", "4294967336"), ("--pool-paid", "99999999999999999999"), ("--pool-paid", "-1"),
              ("--account-balance", "18446744073709551615"), ("--maternity-paid", "9223372036854775807")):
    expect(" ".join(words), calc(*words), 2, words[1])
CENT = decimal.Decimal("0.01")
RECKONED = {"×": lambda a, b: a * b, "÷": lambda a, b: a / b, "+": lambda a, b: a + b, "-": lambda a, b: max(a - b, 0), "≤": min, "≥": max}


def number(text):
    return decimal.Decimal(text[:-2]) / 100 if text.endswith(" %") else decimal.Decimal(text)


def reckoned(line):
    """What a calculator says of the line, what the line says, and both in its unit; None: nothing is reckoned."""
    figure = r"-?[0-9.]+(?: %)?"
    found = re.match(r" *(%s) (.) +(%s) = +(%s)  " % (figure, figure, figure), line)
    if found:
        before, sign, parameter, after = found.groups()
        said = RECKONED[sign](number(before), number(parameter))
    else:
        found = re.match(r" *1 - \(1 - (%s)\) × (%s) = +(%s)  " % (figure, figure, figure), line)
        if not found:
            return None
        before, parameter, after = found.groups()
        said = 1 - (1 - number(before)) * number(parameter)
    return said if after.endswith("%") else said.quantize(CENT, rounding=decimal.ROUND_HALF_UP), number(after)


def steps(what, wanted, *words, **fields):
    """Each line that reckons is right, and each of `wanted` is on one, in both languages."""
    for language, parts in zip(("en", "zh"), zip(*wanted)):
        done = calc("--language", language, *words, **fields)
        lines = [line for line in done.stdout.decode().split("\n") if reckoned(line)]
        wrong = [line for line in lines if reckoned(line)[0] != reckoned(line)[1]]
        if done.returncode != 0 or wrong or len(lines) < 5:
            failures.append("%s: exit code %d, not so: %s" % (what, done.returncode, "\n".join(wrong)))
        failures.extend("%s: lacks %s in %s" % (what, part, done.stdout.decode()) for part in parts if part not in done.stdout.decode())


def priced(fen, level="01", **more):
    return {"totalFen": str(fen), "items": [{"code": "XN01AB00000000000000005", "level": level, "unitPriceMicro": str(fen * 10000),
                                             "quantityE4": "10000", "amountFen": str(fen), **more}]}


steps("case 9: the poor", (("40975.00 -       15202.00 =       25773.00  catastrophic insurance", "40975.00 -       15202.00 =       25773.00  大病保险"),
                           ("60.00 % +         5.00 % =        65.00 %", "60.00 % +         5.00 % =        65.00 %"),
                           ("25773.00 ×        65.00 % =       16752.45  catastrophic insurance: band 1 (15202.00 to 40975.00)",
                            "25773.00 ×        65.00 % =       16752.45  大病保险第1段(15202.00 至 40975.00)"),
                           ("冀政发〔2018〕12号 附件1", "冀政发〔2018〕12号 附件1")),
      "--category", "1501", "--poverty", "1", policy="110000-390", insuranceType="390", **priced(16000000))
steps("case 9: the cap", (("250000.00 -      200000.00 =       50000.00  pool", "250000.00 -      200000.00 =       50000.00  统筹基金年度限额减本年此前已支付"),
                          ("119025.00 ≤       50000.00 =       50000.00", "119025.00 ≤       50000.00 =       50000.00")),
      "--category", "1501", "--pool-paid", "20000000", policy="110000-390", insuranceType="390", **priced(16000000))
steps("a retired person beyond the cap", (("1 - (1 - 85.00 %) × 60.00 % =        91.00 %", "1 - (1 - 85.00 %) × 60.00 % =        91.00 %"),
                                          ("large-amount fund  retired.large_amount_ratio [O 北京市基本医疗保险规定 art. 36",
                                           "大额医疗补助  retired.large_amount_ratio [O 北京市基本医疗保险规定 art. 36")),
      "--category", "1201", "--pool-paid", "9150000", **priced(2033333, level="02", firstOwnShareBp=1000))
visit = calc("--language", "zh", "--category", "1201", "--age", "70", "--outpatient-in-scope", "1950000", careKind="11", dischargeDate=20250301, **priced(227000))
if b"pool_cap" in visit.stdout or "100000.00" in visit.stdout.decode() or "第2段(20000.00 至 21770.00)" not in visit.stdout.decode():
    failures.append("case 9: a visit: %s" % visit.stdout.decode())
most = [word for name in ("pool-paid", "large-amount-paid", "catastrophic-base", "catastrophic-paid", "assistance-base", "assistance-paid")
        for word in ("--" + name, "100000000000")]
expect("all at their most", calc(*most, "--stays", "1000", "--age", "150"), 0)
print("\n".join(failures) or "passed")
sys.exit(1 if failures else 0)
