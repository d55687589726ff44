# SPDX-License-Identifier: Apache-2.0
"""What the exchange of these tests knows: the demonstration's policies, institution and persons. HUTONG_SOURCE: the source tree."""
import os

import pytest

pytest_plugins = ["hutong.pytest_plugin"]
SOURCE = os.environ.get("HUTONG_SOURCE") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")


@pytest.fixture(scope="session")
def hutong_data():
    data = os.path.join(SOURCE, "data")
    return [os.path.join(data, each) for each in ("policies/110000-310.yaml", "policies/110000-390.yaml", "demo/institutions.120000.json",
                                                  "demo/enrolments.110000.json")]


@pytest.fixture
def bill():
    """bill(number): an envelope of a bill that settles."""
    from hutong import fen, new_envelope
    from hutong.v1 import bill_pb2

    def make(number, amount="20000.00", **envelope):
        item = bill_pb2.BillItem(code="XN01AB00000000000000005", level="01", unit_price_micro=fen(amount) * 10000, quantity_e4=10000,
                                 amount_fen=fen(amount))
        body = bill_pb2.Bill(bill_id=number, institution="H12010199001", insured_area="110000", insurance_type="310", care_kind="21",
                             admission_date=20250301, discharge_date=20250310, diagnosis="J18.900", credential="01",
                             total_fen=fen(amount), items=[item])
        return new_envelope("120000", "bill_settle", body, "110101198001011013", **envelope)
    return make
