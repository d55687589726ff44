/* SPDX-License-Identifier: Apache-2.0
 * Questions about what went between the regions. */
#include "tools/flow_ask.h"

#include <stdio.h>

#include "common/codes/rule.h"
#include "services/audit/flow.h"
#include "tools/log_reader.h"
#include "tools/masked.h"

enum { WAIT_MS = 5000, FOUND_MAX = 16 };

/* The member of audit's answer; NULL: none, said so. */
static json_t *ask(struct cli *cli, const struct audit_query *query, const char *member)
{
    struct buffer question = {0}, answer = {0};
    audit_query_encode(query, &question);
    json_t *whole = cli_query(cli, "audit", 0, buffer_span(&question), WAIT_MS, &answer)
                        ? cli_message(WIRE_AUDIT_ANSWER, buffer_span(&answer))
                        : NULL;
    json_t *found = cli_member(whole, member);
    if (found == NULL)
        complain(said("审计没有应答：不明，请再问", "audit does not answer: unknown, ask again"));
    buffer_fini(&question);
    buffer_fini(&answer);
    return found;
}

json_t *flow_ask_day(struct cli *cli, uint32_t day)
{
    return ask(cli, &(struct audit_query){AUDIT_ASK_FLOW_DAY, {.flow_day = {day}}}, "flowDay");
}

static void set_text(json_t *row, const char *name, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);
    if (value != NULL)
        json_object_set(row, name, value);
}

/* What the message says of itself, of a bill, of a reversal, of a letter. */
static void describe(json_t *row, const json_t *envelope)
{
    json_t *bill = json_object_get(envelope, "billSettle"), *letter = json_object_get(envelope, "transfer");
    json_t *again = json_object_get(json_object_get(envelope, "requeue"), "envelope");
    set_text(row, "messageId", envelope, "messageId");
    set_text(row, "person", envelope, "personId");
    set_text(row, "number", bill, "billId");
    set_text(row, "institution", bill, "institution");
    set_text(row, "insuredArea", bill, "insuredArea");
    set_text(row, "insuranceType", bill, "insuranceType");
    set_text(row, "careKind", bill, "careKind");
    set_text(row, "totalFen", bill, "totalFen");
    set_text(row, "settlement", json_object_get(envelope, "billReversal"), "settlementPosition");
    set_text(row, "number", letter, "transferId");
    set_text(row, "scheme", letter, "scheme");
    set_text(row, "sourceArea", letter, "sourceArea");
    set_text(row, "targetArea", letter, "targetArea");
    if (again != NULL)
        json_object_set_new(row, "requeue", json_true());
}

/* The number as it was sent; empty: it says none (a reversal). */
static struct span number_of(struct span envelope)
{
    struct envelope_head head;
    struct bill_place_peek bill;
    struct transfer_place_peek letter;
    if (envelope_head_read(envelope, &head) != OK)
        return span_of(NULL, 0);
    if (head.body_number == EVENT_BILL_SETTLE && bill_place_peek_read(head.body, &bill) == OK)
        return bill.bill_id;
    if (head.body_number == EVENT_TRANSFER && transfer_place_peek_read(head.body, &letter) == OK)
        return letter.transfer_id;
    return span_of(NULL, 0);
}

/* A row with what its message says. NULL: it bears another number with the same hash; `answered` false: the broker
 * does not say. */
static json_t *row_of(struct log_reader *log, const json_t *from, const char *number, bool *answered)
{
    struct span record;
    struct submission submission;
    char at[32], region[2][7];
    uint64_t position = (uint64_t)cli_integer(from, "position");
    *answered = log_reader_at(log, position, &record) && submission_decode(record, NULL, &submission) == OK;
    if (!*answered)
        return NULL;
    struct span own = number_of(submission.envelope);
    if (number != NULL && own.size > 0 && !span_equal(own, span_text(number)))
        return NULL;
    instant_describe(submission.accepted_at, at);
    for (unsigned i = 0; i < 2; i++) {
        int64_t name = cli_integer(from, i == 0 ? "from" : "to");
        (void)snprintf(region[i], sizeof region[i], "%s",
                       name == 0   ? ""
                       : name == 1 ? "110000"
                       : name == 2 ? "120000"
                                   : "130000");
    }
    json_t *row = json_pack("{s:I,s:s,s:s,s:s,s:s,s:s,s:I}", "position", (json_int_t)position, "acceptedAt", at, "from",
                            region[0], "to", region[1], "event", event_kind_name((uint32_t)cli_integer(from, "event")),
                            "outcome", outcome_kind_name((uint32_t)cli_integer(from, "outcomeKind")), "amountFen",
                            (json_int_t)cli_integer(from, "amountFen"));
    const struct rule_text *rule = rule_find((uint32_t)cli_integer(from, "rule"));
    if (rule != NULL)
        json_object_set_new(row, "rule",
                            json_pack("{s:s,s:s,s:s}", "code", rule->code, "zh", rule->zh, "en", rule->en));
    json_t *envelope = message_masked(WIRE_ENVELOPE, submission.envelope);
    describe(row, envelope);
    json_decref(envelope);
    return row;
}

/* Of one answer; read from the oldest on, as batches lie, and put newest first. False: the broker does not answer. */
static bool add_rows(struct log_reader *log, const json_t *list, const char *number, json_t *rows)
{
    json_t *said_rows = json_object_get(list, "rows");
    size_t begin = json_array_size(rows);
    bool answered = true;
    for (size_t i = json_array_size(said_rows); answered && i > 0; i--) {
        json_t *row = row_of(log, json_array_get(said_rows, i - 1), number, &answered);
        if (row != NULL)
            json_array_insert_new(rows, begin, row);
    }
    return answered;
}

json_t *flow_ask_list(struct cli *cli, const struct flow_wish *wish, uint64_t *next)
{
    struct flow_list_request request = wish->request;
    struct log_reader log;
    json_t *rows = json_array();
    bool answered = log_reader_open(cli, "submissions", &log);
    if (wish->number != NULL)
        request.number_hash = flow_number_hash(span_text(wish->number));
    do {
        request.count_max = wish->most - (uint32_t)json_array_size(rows);
        json_t *list =
            answered ? ask(cli, &(struct audit_query){AUDIT_ASK_FLOW_LIST, {.flow_list = request}}, "flowList") : NULL;
        request.before = (uint64_t)cli_integer(list, "next");
        bool read = list != NULL && add_rows(&log, list, wish->number, rows);
        if (list != NULL && !read)
            complain(said("代理没有应答：不明，请再问", "the broker does not answer: unknown, ask again"));
        answered = read;
        json_decref(list);
    } while (answered && request.before != 0 && json_array_size(rows) < wish->most);
    *next = request.before;
    log_reader_close(&log);
    if (!answered) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

int flow_find(struct cli *cli, const char *number, uint64_t *position)
{
    uint64_t next;
    struct flow_wish wish = {.number = number, .most = FOUND_MAX};
    json_t *rows = flow_ask_list(cli, &wish, &next);
    if (rows == NULL)
        return CLI_UNREACHABLE;
    size_t count = json_array_size(rows);
    if (count == 0)
        complain(said("没有票据或转移使用号码 %s", "no bill and no transfer bears the number %s"), number);
    else if (count > 1)
        complain(said("有 %zu 份报文使用号码 %s，显示最新的一份：hutong flow --number %s",
                      "%zu messages bear the number %s, the newest is shown: hutong flow --number %s"),
                 count, number, number);
    if (count > 0)
        *position = (uint64_t)cli_integer(json_array_get(rows, 0), "position");
    json_decref(rows);
    return count > 0 ? CLI_OK : CLI_DIFFERENT;
}
