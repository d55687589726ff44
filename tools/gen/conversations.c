/* SPDX-License-Identifier: Apache-2.0
 * Conversations: pension, medical, unemployment in turn, between areas of two regions, each after one of the plots
 * below. Forms are computed by the same sums that settlement checks them with. */
#include "tools/gen/conversations.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "common/engines/transfer/paid.h"
#include "common/engines/transfer/pension_funds.h"
#include "common/engines/transfer/unemployment.h"

enum { ROWS_MAX = 8, BIRTH_DAYS = 3000, SERIALS = 499, STRAND = 5, PLOT_SHARES = 32 };

/* How a conversation goes, a letter a round:
 *   E enrolment at the target   A application             C contact letter        I information form
 *   N funds notice              R funds receipt           J joining               F confirmation      X closing
 *   K corrected contact letter  L corrected form          B funds go back         W withdrawal
 *   D the target refuses        S the source refuses      T told of a carve-out
 *   O form with one-off contributions without documents   M receipt of a fen too little
 *   =  the letter before, sent again under a new id       -  no letter: the answer is late
 * and what the exchange must refuse:
 *   a application of a man past fifty who does not go home   i form with a fen too much   j joining before the money */
struct plot {
    uint32_t shares;  /* of PLOT_SHARES */
    uint32_t schemes; /* bits of enum transfer_scheme; of another scheme: the first plot instead */
    const char *letters;
};

enum { EVERY = 1 << SCHEME_PENSION | 1 << SCHEME_MEDICAL | 1 << SCHEME_UNEMPLOYMENT, PENSION = 1 << SCHEME_PENSION };

static const struct plot plots[] = {
    {8, EVERY, "EACINRJFX"},     {3, EVERY, "EA-C--IN-RJFX"},
    {2, EVERY, "EACW"},          {1, EVERY, "EAW"},
    {1, EVERY, "EAD"},           {1, EVERY, "EACS"},
    {3, EVERY, "EACINMRJFX"},    {2, EVERY, "EACINMBNRJFX"},
    {2, EVERY, "EACKILNRJFX"},   {2, EVERY, "EA=C=I=N=RJ=FX"},
    {2, EVERY, "EACINjRJFX"},    {2, EVERY & ~(1 << SCHEME_MEDICAL), "EACiINRJFX"},
    {2, PENSION, "EACOTLNRJFX"}, {1, PENSION, "Ea"},
};

/* One transfer, made again for each of its letters. */
struct conversation {
    uint32_t scheme;
    unsigned source, target; /* of gen_areas */
    char person[IDENTITY_SIZE + 1];
    char id[TRANSFER_ID_SIZE_MAX + 1];
    char reference[32];
    const char *letters; /* the plot's */
    struct paid_row rows[ROWS_MAX];
    struct paid_row at_target; /* paid there already */
    struct information_form form;
    struct information_form whole; /* with the one-off contributions that are carved out later */
};

static const char *plot_of(struct stream *stream, uint32_t scheme)
{
    uint32_t share = below(stream, PLOT_SHARES);
    for (unsigned i = 0; i < sizeof plots / sizeof plots[0]; i++) {
        if (share < plots[i].shares)
            return (plots[i].schemes & 1u << scheme) != 0 ? plots[i].letters : plots[0].letters;
        share -= plots[i].shares;
    }
    return plots[0].letters;
}

static bool goes_through(const struct conversation *conversation, char letter)
{
    return strchr(conversation->letters, letter) != NULL;
}

static void take_rows(struct information_form *form, const struct paid_row *rows, uint32_t count)
{
    form->paid = (struct paid_rows){rows, count};
    form->contribution_months = 12 * count;
}

/* Whole years up to the last one. The first three of a carve-out are one-off contributions without documents. One in
 * four has paid the last two months at the target as well: a refund. */
static void draw_rows(const struct gen *gen, struct stream *stream, struct conversation *conversation)
{
    uint32_t carved = goes_through(conversation, 'O') ? 3 : 0;
    uint32_t years = 1 + carved + below(stream, ROWS_MAX - carved), last = gen->options.today / 10000 - 1;
    for (uint32_t i = 0; i < years; i++) {
        uint32_t year = last - years + 1 + i;
        conversation->rows[i] = (struct paid_row){.from_month = year * 100 + 1,
                                                  .to_month = year * 100 + 12,
                                                  .months = 12,
                                                  .base = 300000 + (fen_t)below(stream, 200) * 5000,
                                                  .one_off = i < carved,
                                                  .document = ""};
    }
    take_rows(&conversation->form, conversation->rows + carved, years - carved);
    if (below(stream, 4) == 0)
        conversation->at_target = (struct paid_row){
            .from_month = last * 100 + 11, .to_month = last * 100 + 12, .months = 2, .base = 400000, .document = ""};
    conversation->whole.paid = (struct paid_rows){conversation->rows, years};
}

static void compute_form(const struct gen *gen, struct stream *stream, struct conversation *conversation)
{
    static struct contribution_rows rows;
    static struct transfer_steps steps;
    struct information_form *form = &conversation->form;
    steps.count = 0;
    paid_rows_take(&form->paid, &rows);
    if (conversation->scheme == SCHEME_PENSION) {
        struct pension_funds_input input = {
            .direction = PENSION_EMPLOYEES_TO_EMPLOYEES, .rows = &rows, .running_year = gen->options.today / 10000};
        struct pension_funds funds;
        INVARIANT(pension_funds_compute(published_first(), &input, &funds, &steps) == RULE_NONE);
        form->account_to_last_year = funds.account_closed;
        form->account_total = funds.account_total;
        form->pooled_total = funds.pooled;
        form->transfer_total = funds.total;
    } else if (conversation->scheme == SCHEME_MEDICAL) {
        form->covered_to_month = form->paid.rows[form->paid.count - 1].to_month;
        form->transfer_total = 2 + (fen_t)below(stream, 500000);
    } else {
        const char *region = region_of(gen_areas[conversation->source].area);
        bool hebei = strcmp(region, "130000") == 0;
        struct unemployment_input input = {.contribution_months = form->contribution_months,
                                           .source_region = region,
                                           .area_class = hebei ? 1 + below(stream, 4) : 0,
                                           .contact_letter_day = gen->options.today};
        struct unemployment_funds funds;
        INVARIANT(unemployment_compute(published_first(), &input, &funds, &steps) ==
                  RULE_NONE); /* tables reach back to 2023 */
        form->standard_class = input.area_class;
        form->benefit_months = funds.months_moved;
        form->transfer_total = funds.total;
    }
}

/* Men born in the nineties, to whom no age limit is near, or those past fifty. Numbers do not repeat below 1.4 million
 * transfers. */
static void draw(const struct gen *gen, uint64_t index, struct conversation *conversation)
{
    struct stream stream = gen_stream(gen, STRAND, index);
    memset(conversation, 0, sizeof *conversation);
    conversation->scheme = SCHEME_PENSION + (uint32_t)(index % 3);
    conversation->source = below(&stream, GEN_AREAS_COUNT);
    do
        conversation->target = below(&stream, GEN_AREAS_COUNT);
    while (region_of(gen_areas[conversation->target].area) == region_of(gen_areas[conversation->source].area));
    conversation->letters = plot_of(&stream, conversation->scheme);
    civil_date_t from = goes_through(conversation, 'a') ? 19660101 : 19900101;
    civil_date_t born = civil_date_add_days(from, (int32_t)(index % BIRTH_DAYS));
    (void)snprintf(conversation->person, sizeof conversation->person, "%s%08u%03u",
                   gen_areas[conversation->source].division, born, (unsigned)(index / BIRTH_DAYS % SERIALS) * 2 + 1);
    conversation->person[17] = identity_check_character(conversation->person);
    (void)snprintf(conversation->id, sizeof conversation->id, "T-%llu-%010llu",
                   (unsigned long long)gen->options.seed % 100000, (unsigned long long)index);
    draw_rows(gen, &stream, conversation);
    compute_form(gen, &stream, conversation);
    struct paid_rows all = conversation->whole.paid;
    conversation->whole = conversation->form;
    take_rows(&conversation->whole, all.rows, all.count);
}

/* What the plot has in a round; a letter that is repeated is that of the round before. 0: none. */
static char letter_in(const struct conversation *conversation, unsigned *round)
{
    if (*round >= strlen(conversation->letters) || conversation->letters[*round] == '-')
        return 0;
    if (conversation->letters[*round] == '=')
        (*round)--;
    return conversation->letters[*round];
}

/* What a letter of a plot is, who sends it, and why. */
static const struct written {
    char letter;
    uint32_t kind;
    bool by_source;
    const char *reason;
} written[] = {
    {'A', LETTER_APPLICATION, false, ""},
    {'a', LETTER_APPLICATION, false, ""},
    {'C', LETTER_CONTACT, false, ""},
    {'I', LETTER_INFORMATION, true, ""},
    {'i', LETTER_INFORMATION, true, ""},
    {'O', LETTER_INFORMATION, true, ""},
    {'K', LETTER_CORRECTION, false, "更正收款账户"},
    {'L', LETTER_CORRECTION, true, "更正信息表"},
    {'N', LETTER_FUNDS_NOTICE, true, ""},
    {'M', LETTER_FUNDS_RECEIPT, false, ""},
    {'R', LETTER_FUNDS_RECEIPT, false, ""},
    {'B', LETTER_FUNDS_RETURN, false, "到账金额不符,退回重拨"},
    {'T', LETTER_CARVE_OUT, false, "一次性缴费无证明材料,已告知本人"},
    {'J', LETTER_JOINING, false, ""},
    {'j', LETTER_JOINING, false, ""},
    {'F', LETTER_CONFIRMATION, false, ""},
    {'X', LETTER_CLOSING, true, ""},
    {'W', LETTER_WITHDRAWAL, false, "本人撤回申请"},
    {'D', LETTER_REFUSAL, false, "申请材料不全"},
    {'S', LETTER_REFUSAL, true, "本地无此参保关系"},
    {'E', LETTER_NONE, false, ""}, /* no letter */
};

static const struct written *written_of(char letter)
{
    const struct written *found = written;
    while (found->letter != letter && found->letter != 'E')
        found++;
    return found;
}

static void fill(const struct gen *gen, const struct conversation *conversation, char kind,
                 struct transfer_letter *letter)
{
    civil_date_t today = gen->options.today;
    unsigned household = kind == 'a' ? conversation->source : conversation->target;
    letter->form = kind == 'O' ? conversation->whole : conversation->form;
    letter->form.transfer_total += kind == 'i';
    letter->has_form = strchr("IiOL", kind) != NULL;
    letter->has_contact = kind == 'C' || kind == 'K';
    letter->application.source_type = letter->application.target_type = scheme_insurance_type(conversation->scheme);
    letter->application.household_division = gen_areas[household].division;
    letter->application.covered_from_month = conversation->scheme == SCHEME_MEDICAL ? today / 100 : 0;
    letter->application.gap_paid_up = true;
    if (conversation->scheme == SCHEME_PENSION && conversation->at_target.months > 0)
        letter->application.paid = (struct paid_rows){&conversation->at_target, 1};
    letter->contact = (struct contact_letter){"社会保险经办中心", "银行", "6222000000000001", ""};
    if (kind == 'K')
        letter->contact.bank_account = "6222000000000002";
    letter->amount = conversation->form.transfer_total - (kind == 'M' || kind == 'B');
    letter->reference = letter->kind == LETTER_CORRECTION ? "" : conversation->reference;
    letter->date = today;
    letter->reason = written_of(kind)->reason;
}

static void enrol(const struct gen *gen, const struct conversation *conversation, struct event *event)
{
    event->kind = EVENT_ENROLMENT;
    event->body.enrolment = (struct enrolment){.area = gen_areas[conversation->target].area,
                                               .insurance_type = scheme_insurance_type(conversation->scheme),
                                               .category = "1101",
                                               .effective_date = civil_date_add_days(gen->options.today, -30)};
}

bool gen_transfer(struct gen *gen, uint64_t index, unsigned round, struct buffer *envelope)
{
    static struct conversation conversation;
    static struct transfer_letter letter;
    char id[37];
    struct stream stream = gen_stream(gen, STRAND + 1 + round, index);
    PRE(round < GEN_TRANSFER_ROUNDS);
    draw(gen, index, &conversation);
    gen_message_id(gen, STRAND + 1 + round, index, &stream, id);
    char kind = letter_in(&conversation, &round);
    if (kind == 0)
        return false;
    const char *sender = gen_areas[written_of(kind)->by_source ? conversation.source : conversation.target].area;
    struct event event = gen_event(gen, EVENT_TRANSFER, sender, id);
    event.person_id = conversation.person;
    if (kind == 'E') {
        enrol(gen, &conversation, &event);
    } else {
        memset(&letter, 0, sizeof letter);
        letter.transfer_id = conversation.id;
        letter.scheme = conversation.scheme;
        letter.source_area = gen_areas[conversation.source].area;
        letter.target_area = gen_areas[conversation.target].area;
        letter.kind = written_of(kind)->kind;
        (void)snprintf(conversation.reference, sizeof conversation.reference, "B-%llu-%u", (unsigned long long)index,
                       round);
        fill(gen, &conversation, kind, &letter);
        event.body.transfer = &letter;
    }
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
    return true;
}

bool gen_transfer_is_refused(struct gen *gen, uint64_t index, unsigned round)
{
    static struct conversation conversation;
    draw(gen, index, &conversation);
    char kind = letter_in(&conversation, &round);
    return kind != 0 && strchr("aij", kind) != NULL;
}
