/* SPDX-License-Identifier: Apache-2.0
 * Envelopes for generators and tools: canonical bytes, fields in ascending order, defaults left out. */
#include "common/pb/event.h"
#include "common/pb/field_internal.h"
#include "common/pb/reference_internal.h"

static void item_encode(struct buffer *out, const struct bill_item *item)
{
    size_t mark = wire_begin(out, 16);
    wire_put_text(out, 1, item->code);
    wire_put_text(out, 2, field_level_text(item->level));
    wire_put_int(out, 3, item->unit_price_micro);
    wire_put_int(out, 4, item->quantity_e4);
    wire_put_int(out, 5, item->amount);
    wire_put_uint(out, 6, item->first_own_share_bp);
    wire_put_int(out, 7, item->price_limit_micro);
    wire_end(out, mark);
}

static void bill_encode(struct buffer *out, const struct bill *bill)
{
    wire_put_text(out, 1, bill->bill_id);
    wire_put_text(out, 2, bill->institution);
    wire_put_text(out, 3, bill->insured_area);
    wire_put_text(out, 4, bill->insurance_type);
    wire_put_text(out, 5, bill->care_kind);
    wire_put_uint(out, 6, bill->admission_date);
    wire_put_uint(out, 7, bill->discharge_date);
    wire_put_text(out, 8, bill->diagnosis);
    wire_put_text(out, 9, bill->credential);
    wire_put_uint(out, 10, bill->use_personal_account);
    wire_put_int(out, 11, bill->total);
    if (bill->has_expected) {
        size_t mark = wire_begin(out, 12);
        wire_put_int(out, 1, bill->expected_fund_pay_total);
        wire_put_int(out, 2, bill->expected_person_pay_total);
        wire_end(out, mark);
    }
    for (uint32_t i = 0; i < bill->item_count; i++)
        item_encode(out, &bill->items[i]);
    wire_put_text(out, 17, bill->special_disease == NULL ? "" : bill->special_disease);
    wire_put_uint(out, 18, bill->replaces_settlement);
}

static void body_encode(struct buffer *out, const struct event *event)
{
    switch (event->kind) {
    case EVENT_BILL_TRIAL:
    case EVENT_BILL_SETTLE:
        bill_encode(out, &event->body.bill);
        break;
    case EVENT_BILL_REVERSAL:
        wire_put_uint(out, 1, event->body.reversal.settlement_position);
        wire_put_text(out, 2, event->body.reversal.reason);
        break;
    case EVENT_INSTITUTION:
        institution_encode(out, &event->body.institution);
        break;
    case EVENT_ENROLMENT:
        enrolment_encode(out, &event->body.enrolment);
        break;
    case EVENT_FILING:
        filing_encode(out, &event->body.filing);
        break;
    case EVENT_QUALIFICATION:
        qualification_encode(out, &event->body.qualification);
        break;
    case EVENT_CATALOGUE_ITEM:
        catalogue_item_encode(out, &event->body.catalogue_item);
        break;
    case EVENT_LOCAL_CARE:
        local_care_encode(out, &event->body.local_care);
        break;
    case EVENT_POLICY:
        policy_encode(event->body.policy, event->body.policy_sources, out);
        break;
    case EVENT_TRANSFER:
        transfer_letter_encode(event->body.transfer, out);
        break;
    case EVENT_CERTIFICATION:
        certification_letter_encode(&event->body.certification, out);
        break;
    case EVENT_STATEMENT:
    case EVENT_CLEARING_REPLY:
    case EVENT_PAYMENT:
    case EVENT_ADVANCE_DEPOSIT:
    case EVENT_INVESTIGATION_REQUEST:
    case EVENT_INVESTIGATION_ANSWER:
    case EVENT_INVESTIGATION_FINDING:
    case EVENT_CLEARING_POLICY:
        books_body_encode((uint32_t)event->kind, &event->body.books, out);
        break;
    case EVENT_TICK:
        wire_put_uint(out, 1, event->body.tick);
        break;
    case EVENT_LOGIC_VERSION:
        wire_put_uint(out, 1, event->body.logic.version);
        wire_put_text(out, 2, event->body.logic.reason);
        break;
    case EVENT_REQUEUE:
        wire_put_uint(out, 1, event->body.requeue.position);
        wire_put_bytes(out, 2, event->body.requeue.envelope);
        break;
    case EVENT_NONE:
        break;
    }
}

void event_encode(const struct event *event, struct buffer *out)
{
    wire_put_uint(out, 1, event->version);
    wire_put_text(out, 2, event->sender);
    wire_put_text(out, 3, event->message_id);
    wire_put_int(out, 4, event->sent_at);
    wire_put_text(out, 5, event->person_id);
    wire_put_text(out, 6, event->traceparent);
    if (event->kind == EVENT_NONE)
        return;
    size_t mark = wire_begin(out, (uint32_t)event->kind);
    body_encode(out, event);
    wire_end(out, mark);
}
