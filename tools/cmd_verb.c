/* SPDX-License-Identifier: Apache-2.0
 * The messages of verb.def from the command line: the envelope is shown, asked for, sent, and answered with its
 * outcome. The id is made here or given; nothing else but the options goes into the bytes, so that the same line under
 * the same id is the same message. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "tools/asking.h"
#include "tools/submit.h"
#include "tools/verb.h"
#include "tools/verb_run.h"

/* ---- options ---- */

static const struct command_option shared_options[] = {
    {"--person", "ID", "本人的身份号码，必写", "whom it concerns; needed"},
    {"--print", NULL, "只输出报文，供 hutong submit 使用", "only prints the envelope, for hutong submit"},
    {"--yes", NULL, "不再询问", "does not ask"},
    {"--sender", "P", "以谁的名义；缺省按 --as", "who says so, if not --as"},
    {"--message-id", "ID", "报文编号；同一行命令再发一次即同一报文",
     "under this id; the same line again is the same message"},
    {"--timeout", "S", "至多等待的秒数，缺省 60", "seconds to wait at most, 60 unless given"},
    COMMAND_OPTION_AT,
};

enum { SHARED_OPTIONS = sizeof shared_options / sizeof shared_options[0] };

static const struct verb_option *place_of(const struct verb *verb, const struct verb_options *options)
{
    for (unsigned i = 0; i < options->count; i++)
        if (strcmp(options->option[i].field.name, verb->place) == 0)
            return &options->option[i];
    return NULL;
}

const struct command_option *verb_options(const char *command, const char *word)
{
    static struct command_option table[VERB_OPTIONS_MAX + SHARED_OPTIONS + 1];
    static char names[VERB_OPTIONS_MAX][40];
    static struct buffer values[VERB_OPTIONS_MAX];
    static struct verb_options options;
    const struct verb *verb = verb_find(command, word);
    unsigned count = 0;
    if (verb == NULL)
        return NULL;
    verb_list(verb, &options);
    const struct verb_option *place = place_of(verb, &options);
    for (unsigned i = 0; i < options.count; i++) {
        const struct verb_option *option = &options.option[i];
        if (option == place)
            continue;
        (void)snprintf(names[i], sizeof names[i], "--%s", option->name);
        buffer_reset(&values[i]);
        verb_wanted(option, &values[i]);
        table[count++] = (struct command_option){names[i], values[i].size > 0 ? buffer_text(&values[i]) : NULL,
                                                 option->zh, option->en};
    }
    for (unsigned i = verb->person ? 0 : 1; i < SHARED_OPTIONS; i++)
        table[count++] = shared_options[i];
    table[count] = (struct command_option){0};
    return table;
}

void verb_usage(const struct verb *verb, struct buffer *usage)
{
    struct verb_options options;
    verb_list(verb, &options);
    const struct verb_option *place = place_of(verb, &options);
    buffer_printf(usage, "%s %s%s", verb->command, verb->word, place != NULL ? " " : "");
    for (const char *at = place != NULL ? place->name : ""; *at != 0; at++) {
        char letter = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
        buffer_append(usage, &letter, 1);
    }
    buffer_append_text(usage, verb->person ? " --person ID [OPTION...]" : " [OPTION...]");
}

/* ---- the message ---- */

struct draft {
    const struct verb *verb;
    struct verb_options options;
    json_t *envelope;                /* owned */
    json_t *levels[VERB_DEPTH_MAX];  /* within it */
    const char *message_id, *sender; /* NULL: not given */
};

static json_t *rows_of_file(const struct verb_option *option, const char *path, struct buffer *why)
{
    struct buffer text = {0};
    json_t *rows = NULL;
    if (input_slurp(path, &text))
        rows = verb_rows(option, &text, why);
    else
        buffer_append_text(why, said("无法读取", "it cannot be read"));
    buffer_fini(&text);
    return rows;
}

/* CLI_BAD_INPUT for a file's fault, CLI_USAGE for a word's; what it is was said. */
static int put_word(struct draft *draft, const struct verb_option *option, const char *text)
{
    struct buffer why = {0};
    json_t *value =
        option->form == VERB_ROWS ? rows_of_file(option, text, &why) : verb_value(option, text, false, &why);
    if (value != NULL)
        verb_put(option, draft->levels, value);
    else if (option->form == VERB_ROWS)
        complain("%s: %s", text, buffer_text(&why));
    else
        complain("--%s: %s", option->name, buffer_text(&why));
    buffer_fini(&why);
    return value != NULL ? CLI_OK : option->form == VERB_ROWS ? CLI_BAD_INPUT : CLI_USAGE;
}

static int put_option(struct cli *cli, struct draft *draft, const struct verb_option *option)
{
    char name[64];
    const char *text;
    int code = CLI_OK;
    (void)snprintf(name, sizeof name, "--%s", option->name);
    if (option->field.shape == FIELD_TRUTH) {
        if (cli_flag(cli, name))
            verb_put(option, draft->levels, json_true());
        return CLI_OK;
    }
    if (cli_option_at(cli, name, 1) != NULL && (!option->field.repeated || option->form == VERB_ROWS)) {
        complain(said("%s 只能写一次", "%s is given twice"), name);
        return CLI_USAGE;
    }
    for (unsigned i = 0; code == CLI_OK && (text = cli_option_at(cli, name, i)) != NULL; i++)
        code = put_word(draft, option, text);
    return code;
}

static bool has_person(struct cli *cli, struct draft *draft)
{
    const char *person = draft->verb->person ? cli_option(cli, "--person") : NULL;
    if (person != NULL)
        (void)json_object_set_new(draft->envelope, "personId", json_string(person));
    else if (draft->verb->person)
        complain(said("要写 --person：涉及何人", "--person is wanted: whom it concerns"));
    return person != NULL || !draft->verb->person;
}

/* --sender, else the party that one speaks for, else the region that the message itself names as its own. */
static bool has_sender(struct cli *cli, struct draft *draft)
{
    char region[7];
    const char *sender = draft->sender != NULL ? draft->sender : cli->as;
    if (sender == NULL && verb_speaker(draft->verb, draft->levels, region))
        sender = region;
    if (sender == NULL)
        complain(said("以谁的名义？--as REGION 或 --sender REGION", "who says so? --as REGION, or --sender REGION"));
    else
        (void)json_object_set_new(draft->envelope, "sender", json_string(sender));
    return sender != NULL;
}

static int fill(struct cli *cli, const struct command *command, struct draft *draft)
{
    char id[37];
    const struct verb_option *place = place_of(draft->verb, &draft->options);
    verb_begin(draft->verb, draft->envelope, draft->levels);
    int code = has_person(cli, draft) ? CLI_OK : CLI_USAGE;
    for (unsigned i = 0; i < draft->options.count && code == CLI_OK; i++)
        if (&draft->options.option[i] != place)
            code = put_option(cli, draft, &draft->options.option[i]);
    if (code != CLI_OK)
        return code;
    if (!cli_arguments(cli, command, 1, -1))
        return CLI_USAGE;
    if (cli->argc != 1 + (place != NULL)) {
        complain(said("hutong %s %s --help 说明要写什么", "hutong %s %s --help says what is wanted"), command->name,
                 draft->verb->word);
        return CLI_USAGE;
    }
    if (place != NULL)
        code = put_word(draft, place, cli->argv[1]);
    if (code != CLI_OK || !has_sender(cli, draft))
        return CLI_USAGE;
    if (draft->message_id == NULL)
        ht_uuid7(id);
    (void)json_object_set_new(draft->envelope, "version", json_integer(1));
    (void)json_object_set_new(draft->envelope, "messageId",
                              json_string(draft->message_id != NULL ? draft->message_id : id));
    return CLI_OK;
}

static int encode(const struct draft *draft, struct buffer *bytes)
{
    struct buffer why = {0};
    char *text = json_dumps(draft->envelope, JSON_COMPACT);
    bool encoded = text != NULL && json_to_message(WIRE_ENVELOPE, span_text(text), bytes, &why) == OK;
    if (!encoded)
        complain("%s", text == NULL ? said("文字须为 UTF-8", "text in UTF-8, please") : buffer_text(&why));
    free(text);
    buffer_fini(&why);
    return encoded ? CLI_OK : CLI_BAD_INPUT;
}

static void show(struct span envelope, bool compact, FILE *to)
{
    struct buffer text = {0};
    INVARIANT(message_to_json(WIRE_ENVELOPE, envelope, compact, &text) == OK);
    (void)fprintf(to, "%s\n", buffer_text(&text));
    (void)fflush(to);
    buffer_fini(&text);
}

static int send_it(struct cli *cli, const struct draft *draft, struct span envelope,
                   const struct submit_options *options)
{
    struct input input = {0};
    struct sending sending;
    if (!sending_begin(&sending, cli, options))
        return CLI_BAD_INPUT;
    input_add(&input, envelope);
    (void)sending_input(&sending, &input);
    int code = sending_end(&sending);
    if (code == CLI_UNREACHABLE)
        complain(
            said("同一行命令加 --message-id %s 即同一报文", "the same line with --message-id %s is the same message"),
            json_string_value(json_object_get(draft->envelope, "messageId")));
    input_free(&input);
    return code;
}

static int draft_and_send(struct cli *cli, const struct command *command, struct draft *draft)
{
    struct submit_options options = {.await = true};
    struct buffer bytes = {0};
    bool print = cli_flag(cli, "--print"), yes = cli_flag(cli, "--yes");
    draft->sender = cli_option(cli, "--sender");
    draft->message_id = cli_option(cli, "--message-id");
    if (!submit_options_read(cli, &options))
        return CLI_USAGE;
    int code = fill(cli, command, draft);
    if (code == CLI_OK)
        code = encode(draft, &bytes);
    if (code == CLI_OK && print)
        show(buffer_span(&bytes), cli->json, stdout);
    else if (code == CLI_OK) {
        show(buffer_span(&bytes), false, stderr);
        enum asked asked = yes ? ASKED_YES : ask_yes(said("发送？", "Send this?"));
        code = asked == ASKED_YES  ? send_it(cli, draft, buffer_span(&bytes), &options)
               : asked == ASKED_NO ? CLI_DIFFERENT
                                   : CLI_USAGE;
    }
    buffer_fini(&bytes);
    return code;
}

bool verb_run(struct cli *cli, const struct command *command, int *code)
{
    struct draft draft = {.verb = cli->argc == 0 ? NULL : verb_find(command->name, cli->argv[0])};
    if (draft.verb == NULL)
        return false;
    verb_list(draft.verb, &draft.options);
    draft.envelope = json_object();
    *code = draft_and_send(cli, command, &draft);
    json_decref(draft.envelope);
    return true;
}

static int run(struct cli *cli)
{
    int code;
    return verb_run(cli, &command_investigate, &code) ? code : cli_usage(&command_investigate);
}

const struct command command_investigate = {
    .name = "investigate",
    .usage = "investigate open SETTLEMENT | answer REQUEST | find REQUEST [OPTION...]",
    .summary = "co-investigation of a settlement: asked for, answered, found",
    .summary_zh = "就一笔结算的协查：发起、答复、认定",
    .help = "What is under way: hutong books investigations.\n\n"
            "  hutong --as 110000 investigate open 3012 --question 'bed days'\n"
            "  hutong --as 120000 investigate find 4711 --verdict wrong-part \\\n      --amount 100.00 --text '100 "
            "yuan off'",
    .help_zh =
        "在办的协查：hutong books investigations。\n\n"
        "  hutong --as 110000 investigate open 3012 --question 床位费与病程记录不符\n"
        "  hutong --as 120000 investigate find 4711 --verdict wrong-part \\\n      --amount 100.00 --text 核减一百元",
    .run = run,
};
