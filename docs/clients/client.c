/* SPDX-License-Identifier: Apache-2.0
 * One bill, exactly once. client GATE MAILBOX SERVER.key PARTY.key_secret OUTBOX BILL; docs/clients/README.md.
 *
 * What matters: the envelope is on disk before it is sent, the same bytes go out until a receipt comes (libhutong does
 * that), an outcome is on disk before it is confirmed. So the program may be killed anywhere and run again. */
#include <fcntl.h>
#include <hutong.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hutong/v1/envelope.pb-c.h"
#include "hutong/v1/outcome.pb-c.h"

enum { FOREVER_MS = 24 * 60 * 60 * 1000, FILE_SIZE_MAX = 1 << 20 };

static const char *outbox;

static _Noreturn void fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s%s%s\n", what, why[0] != 0 ? ": " : "", why);
    exit(1);
}

static const char *path_of(const char *name, const char *end)
{
    static char paths[2][4096];
    static int turn;
    char *path = paths[turn = !turn];
    (void)snprintf(path, sizeof paths[0], "%s/%s%s", outbox, name, end);
    return path;
}

/* On disk, whole or not at all. */
static void keep(const char *name, const char *end, const void *data, size_t size)
{
    char part[4096 + 8];
    (void)snprintf(part, sizeof part, "%s.part", path_of(name, end));
    int file = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600), directory = open(outbox, O_RDONLY | O_DIRECTORY);
    if (file < 0 || directory < 0 || write(file, data, size) != (ssize_t)size || fsync(file) != 0 || close(file) != 0 ||
        rename(part, path_of(name, end)) != 0 || fsync(directory) != 0)
        fail("cannot keep", path_of(name, end));
    (void)close(directory);
}

/* NULL: it is not there. */
static unsigned char *kept(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    unsigned char *data = malloc(FILE_SIZE_MAX + 1);
    if (data == NULL)
        fail("no memory", "");
    *size = fread(data, 1, FILE_SIZE_MAX, file);
    data[*size] = 0;
    (void)fclose(file);
    return data;
}

/* What stands in quotes behind a name of a key file. */
static char *in_quotes(const char *path, const char *name)
{
    size_t size;
    char wanted[32], *text = (char *)kept(path, &size);
    (void)snprintf(wanted, sizeof wanted, "%s = \"", name);
    char *from = text == NULL ? NULL : strstr(text, wanted);
    char *to = from == NULL ? NULL : strchr(from + strlen(wanted), '"');
    if (to == NULL)
        fail("no key file", path);
    *to = 0;
    char *value = strdup(from + strlen(wanted));
    free(text);
    return value;
}

static void make_bill(char *party, char *bill_id, char *id)
{
    Hutong__V1__BillItem item = HUTONG__V1__BILL_ITEM__INIT, *items[] = {&item};
    Hutong__V1__Bill bill = HUTONG__V1__BILL__INIT;
    Hutong__V1__Envelope envelope = HUTONG__V1__ENVELOPE__INIT;
    unsigned char bytes[4096];
    item.code = "XN01AB00000000000000005";
    item.level = "01";
    item.unit_price_micro = 20000000000;
    item.quantity_e4 = 10000;
    item.amount_fen = 2000000;
    bill.bill_id = bill_id;
    bill.institution = "H12010199001";
    bill.insured_area = "110000";
    bill.insurance_type = "310";
    bill.care_kind = "21";
    bill.admission_date = 20250301;
    bill.discharge_date = 20250310;
    bill.diagnosis = "J18.900";
    bill.credential = "01";
    bill.total_fen = 2000000;
    bill.n_items = 1;
    bill.items = items;
    envelope.version = 1;
    envelope.sender = party;
    envelope.message_id = id;
    envelope.sent_at_ms = (int64_t)time(NULL) * 1000;
    envelope.person_id = "110101198001011013";
    envelope.body_case = HUTONG__V1__ENVELOPE__BODY_BILL_SETTLE;
    envelope.bill_settle = &bill;
    keep(bill_id, ".envelope", bytes, hutong__v1__envelope__pack(&envelope, bytes));
}

static unsigned long long send_it(struct ht_client *client, const void *envelope, size_t size)
{
    struct ht_receipt receipt = {0};
    enum ht_result result = HT_TIMEOUT;
    while (result == HT_TIMEOUT)
        result = ht_submit(client, &(struct ht_bytes){envelope, size}, 1, FOREVER_MS, &receipt, NULL, NULL);
    if (result != HT_OK)
        fail("refused", ht_last_refusal(client));
    if (receipt.kind != HT_ACCEPTED)
        fail(receipt.code, receipt.en);
    unsigned long long position = receipt.position;
    ht_receipt_clear(&receipt);
    return position;
}

/* Each outcome is kept before the place behind it. */
static void take_outcome(void *next, uint64_t place, const void *bytes, size_t size)
{
    char number[24];
    Hutong__V1__Outcome *outcome = hutong__v1__outcome__unpack(NULL, size, bytes);
    if (outcome == NULL)
        fail("an outcome cannot be read", "");
    keep(outcome->message_id, ".outcome", bytes, size);
    hutong__v1__outcome__free_unpacked(outcome, NULL);
    *(uint64_t *)next = place + 1;
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)place + 1);
    keep("next", "", number, strlen(number));
}

/* Fetches what is new, and confirms what is kept. */
static void read_mailbox(struct ht_client *client)
{
    uint64_t end, confirmed;
    size_t size;
    char *place = (char *)kept(path_of("next", ""), &size);
    uint64_t next = place == NULL ? 0 : strtoull(place, NULL, 10), from = next;
    free(place);
    enum ht_result result = ht_fetch(client, NULL, from, 100, 2000, take_outcome, &next, &end, &confirmed);
    if (result == HT_OK && next > from)
        result = ht_confirm(client, next, 10000, &confirmed);
    if (result == HT_REFUSED)
        fail("refused", ht_last_refusal(client));
}

static void print_outcome(const unsigned char *bytes, size_t size, unsigned long long position)
{
    Hutong__V1__Outcome *outcome = hutong__v1__outcome__unpack(NULL, size, bytes);
    if (outcome == NULL)
        fail("an outcome cannot be read", "");
    const ProtobufCEnumValue *kind =
        protobuf_c_enum_descriptor_get_value(&hutong__v1__outcome_kind__descriptor, (int)outcome->kind);
    const Hutong__V1__Amounts *amounts = outcome->amounts;
    (void)printf("%s %llu funds %lld person %lld\n", kind == NULL ? "?" : kind->name + strlen("OUTCOME_KIND_"),
                 position, amounts == NULL ? 0LL : (long long)amounts->fund_pay_total_fen,
                 amounts == NULL ? 0LL : (long long)amounts->person_pay_total_fen);
    hutong__v1__outcome__free_unpacked(outcome, NULL);
}

int main(int argc, char **argv)
{
    char id[37];
    size_t size, answer_size;
    unsigned char *envelope, *answer;
    if (argc != 7)
        fail("usage", "client GATE MAILBOX SERVER.key PARTY.key_secret OUTBOX BILL");
    struct ht_options options = {.gate = argv[1],
                                 .mailbox = argv[2],
                                 .server_key = in_quotes(argv[3], "public-key"),
                                 .public_key = in_quotes(argv[4], "public-key"),
                                 .secret_key = in_quotes(argv[4], "secret-key")};
    outbox = argv[5];
    (void)mkdir(outbox, 0700);
    ht_uuid7(id);
    if (access(path_of(argv[6], ".envelope"), F_OK) != 0)
        make_bill(in_quotes(argv[4], "party"), argv[6], id);
    envelope = kept(path_of(argv[6], ".envelope"), &size);
    struct ht_client *client = ht_open(&options);
    Hutong__V1__Envelope *ours = envelope == NULL ? NULL : hutong__v1__envelope__unpack(NULL, size, envelope);
    if (client == NULL || ours == NULL)
        fail("the endpoints, the keys, or the outbox", "");
    unsigned long long position = send_it(client, envelope, size);
    while ((answer = kept(path_of(ours->message_id, ".outcome"), &answer_size)) == NULL)
        read_mailbox(client);
    print_outcome(answer, answer_size, position);
    ht_close(&client);
    return 0;
}
