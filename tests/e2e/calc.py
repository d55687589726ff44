# SPDX-License-Identifier: Apache-2.0
"""F14: calc refuses what the exchange refuses, by the same rules and codes, and never dies of what it is given."""
import json
import os
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
most = [word for name in ("pool-paid", "large-amount-paid", "catastrophic-base", "catastrophic-paid", "assistance-base", "assistance-paid")
        for word in ("--" + name, "100000000000")]
expect("all at their most", calc(*most, "--stays", "1000", "--age", "150"), 0)
print("\n".join(failures) or "passed")
sys.exit(1 if failures else 0)
