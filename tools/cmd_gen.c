/* SPDX-License-Identifier: Apache-2.0
 * hutong gen: synthetic persons, institutions and bills. */
#include <stdio.h>

#include "common/net/loop.h"
#include "common/pb/event.h"
#include "tools/gen/catalogue.h"
#include "tools/gen/conversations.h"
#include "tools/gen/gen.h"
#include "tools/gen/mix.h"
#include "tools/gen/world.h"
#include "tools/input.h"

struct output {
    bool binary;
    const char *sender; /* only this sender's; NULL: all */
    struct buffer line;
};

static bool write_out(struct output *output, struct span envelope)
{
    struct envelope_head head;
    if (output->sender != NULL &&
        (envelope_head_read(envelope, &head) != OK || !span_equal(head.sender, span_text(output->sender))))
        return true;
    buffer_reset(&output->line);
    if (output->binary)
        delimited_put(&output->line, envelope);
    else {
        if (message_to_json(WIRE_ENVELOPE, envelope, true, &output->line) != OK)
            return false;
        buffer_append(&output->line, "\n", 1);
    }
    return fwrite(output->line.data, 1, output->line.size, stdout) == output->line.size;
}

/* A person of another region need not be made up first. */
static bool sends_for(const struct gen *gen, const struct output *output, uint32_t person)
{
    return output->sender == NULL || strcmp(gen_person_sender(gen, person), output->sender) == 0;
}

/* Institutions, catalogues, enrolments, papers. */
static bool write_reference(struct gen *gen, struct output *output, uint32_t persons)
{
    struct buffer envelope = {0};
    bool written = true;
    for (uint32_t i = 0; written && i < gen_institution_count(gen); i++) {
        gen_institution(gen, i, &envelope);
        written = write_out(output, buffer_span(&envelope));
    }
    for (unsigned region = 0; region < GEN_REGIONS; region++)
        for (uint32_t i = 0; written && i < gen_catalogue_count(gen); i++) {
            gen_catalogue_item(gen, region, i, &envelope);
            written = write_out(output, buffer_span(&envelope));
        }
    for (uint32_t i = 0; written && i < persons; i++)
        if (sends_for(gen, output, i)) {
            gen_enrolment(gen, i, &envelope);
            written = write_out(output, buffer_span(&envelope));
        }
    for (uint32_t i = 0; written && i < persons; i++)
        for (unsigned paper = 0; written && paper < GEN_PAPERS && sends_for(gen, output, i); paper++)
            if (gen_paper(gen, i, paper, &envelope))
                written = write_out(output, buffer_span(&envelope));
    buffer_fini(&envelope);
    return written;
}

/* One round, or all in their order. */
static bool write_transfers(struct gen *gen, struct output *output, uint64_t count, uint64_t round)
{
    struct buffer envelope = {0};
    bool written = true;
    unsigned first = round < GEN_TRANSFER_ROUNDS ? (unsigned)round : 0;
    unsigned end = round < GEN_TRANSFER_ROUNDS ? (unsigned)round + 1 : GEN_TRANSFER_ROUNDS;
    for (unsigned r = first; r < end; r++)
        for (uint64_t i = 0; written && i < count; i++)
            if (gen_transfer(gen, i, r, &envelope))
                written = write_out(output, buffer_span(&envelope));
    buffer_fini(&envelope);
    return written;
}

static int run(struct cli *cli)
{
    struct gen_options options = {.seed = cli_number(cli, "--seed", 1),
                                  .institutions = (uint32_t)cli_number(cli, "--institutions", 48),
                                  .persons = (uint32_t)cli_number(cli, "--persons", 2000),
                                  .items = (uint32_t)cli_number(cli, "--items", 0),
                                  .catalogue = (uint32_t)cli_number(cli, "--catalogue", 2000),
                                  .mix = cli_flag(cli, "--mix"),
                                  .today =
                                      (civil_date_t)cli_number(cli, "--today", civil_date_of_instant(loop_wall_ms()))};
    uint64_t bills = cli_number(cli, "--bills", 10000), first = cli_number(cli, "--first-bill", 0);
    uint64_t transfers = cli_number(cli, "--transfers", 0), round = cli_number(cli, "--round", UINT64_MAX);
    struct output output = {.binary = cli_flag(cli, "--binary"), .sender = cli_option(cli, "--sender")};
    bool all = !cli_flag(cli, "--only-bills"), only_reference = cli_flag(cli, "--only-reference");
    if (transfers > 0) { /* conversations by themselves */
        all = false;
        only_reference = true;
    }
    if (!cli_arguments(cli, &command_gen, 0, 0))
        return CLI_USAGE;
    if (!civil_date_exists(options.today)) {
        complain(said("--today 应为日期：20251124", "--today wants a date: 20251124"));
        return CLI_USAGE;
    }
    struct gen *gen = gen_new(&options);
    struct buffer envelope = {0};
    bool written = true;
    if (all)
        written = write_reference(gen, &output, options.persons);
    for (uint64_t i = first; !only_reference && written && i < first + bills; i++) {
        gen_bill(gen, i, &envelope);
        written = write_out(&output, buffer_span(&envelope));
        if (i % 1000 == 0)
            progress_show(said("票据", "bills"), i - first, bills);
    }
    written = written && write_transfers(gen, &output, transfers, round);
    progress_end();
    written = fflush(stdout) == 0 && written;
    buffer_fini(&envelope);
    buffer_fini(&output.line);
    gen_destroy(&gen);
    return written ? CLI_OK : CLI_FAILED;
}

const struct command command_gen = {
    .name = "gen",
    .usage = "gen [--seed N] [--institutions N] [--persons N] [--bills N] [--items N] [--today YYYYMMDD] [--sender P] "
             "[--binary] [--mix [--catalogue N]] [--only-reference | --only-bills [--first-bill N] | --transfers N "
             "[--round R]]",
    .summary = "synthetic institutions, persons and bills of the three regions; same seed, same bytes",
    .summary_zh = "三地的虚构机构、人员和单据；种子相同则字节相同",
    .help =
        "Writes envelopes: institutions, catalogues, enrolments and papers, then bills, as JSON lines or "
        "length-delimited "
        "binary. --today\nfixes the dates (without it, today's). --mix: bills of every kind of care instead of stays "
        "alone, with filings, qualifications,\npharmacies and a catalogue of N items a region (2000; 0: none). "
        "--sender "
        "keeps one region's only, since a region submits for\nitself only. --transfers: conversations instead, round "
        "by "
        "round (0: enrolments, 1 to 13: letters); a region sends a round when\nthe others have sent the one before.\n\n"
        "  hutong gen --seed 7 --bills 1000 --today 20251124 --sender 110000 |\n      hutong --as 110000 submit -",
    .help_zh = "输出报文：机构、目录、参保、备案等，然后是单据；JSON 行或带长度前缀的二进制。地区只发送自己的，故用 "
               "--sender 取一个地区。--transfers 改为输出转移接续的往来，一轮一轮（0：参保；1 至 "
               "13：各函件）：其他地区发完上一轮，本地区再发下一轮。\n"
               "\n"
               "  hutong gen --seed 7 --bills 1000 --today 20251124 --sender 110000 |\n"
               "      hutong --as 110000 submit -",
    .options =
        (const struct command_option[]){
            {"--seed", "N", "种子，缺省 1", "another seed, other everything; 1"},
            {"--institutions", "N", "机构数，至少 12，缺省 48", "at least 12; 48"},
            {"--persons", "N", "人数，缺省 2000", "2000"},
            {"--bills", "N", "单据数，缺省 10000", "10000"},
            {"--items", "N", "每张单据的明细行数，至多 64", "lines of a bill, 64 at most"},
            {"--today", "DATE", "决定全部日期；缺省今日", "fixes every date; today's unless given"},
            {"--sender", "P", "只输出一个地区的", "one region's only"},
            {"--binary", NULL, "带长度前缀的二进制", "length-delimited binary"},
            {"--mix", NULL, "各类就医的单据，连同备案、资格、药店、目录",
             "bills of every kind of care, with filings, qualifications, pharmacies and catalogues"},
            {"--catalogue", "N", "配合 --mix：每个地区的目录项数，缺省 2000；0：无目录",
             "with --mix: items of each region's catalogue, 2000; 0: none"},
            {"--only-reference", NULL, "只输出基础数据", "reference data only"},
            {"--only-bills", NULL, "只输出单据", "bills only"},
            {"--first-bill", "N", "从第 N 张单据开始", "the first of the bills, 0"},
            {"--transfers", "N", "改为输出 N 笔转移接续的往来", "conversations of transfers instead"},
            {"--round", "R", "只输出这一轮", "of these, one round only"},
            {0}},
    .run = run,
};
