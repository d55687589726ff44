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
        buffer_append_text(why, "it cannot be read");
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
    do {
        text = cli_option(cli, name);
        code = text == NULL ? CLI_OK : put_word(draft, option, text);
    } while (text != NULL && option->field.repeated && code == CLI_OK);
    return code;
}

static const struct verb_option *place_of(const struct draft *draft)
{
    for (unsigned i = 0; i < draft->options.count; i++)
        if (strcmp(draft->options.option[i].field.name, draft->verb->place) == 0)
            return &draft->options.option[i];
    return NULL;
}

static bool has_person(struct cli *cli, struct draft *draft)
{
    const char *person = draft->verb->person ? cli_option(cli, "--person") : NULL;
    if (person != NULL)
        (void)json_object_set_new(draft->envelope, "personId", json_string(person));
    else if (draft->verb->person)
        complain("--person is wanted: whom it concerns");
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
        complain("who says so? --as REGION, or --sender REGION");
    else
        (void)json_object_set_new(draft->envelope, "sender", json_string(sender));
    return sender != NULL;
}

static int fill(struct cli *cli, const struct command *command, struct draft *draft)
{
    char id[37];
    const struct verb_option *place = place_of(draft);
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
        complain("hutong %s %s --help says what is wanted", command->name, draft->verb->word);
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
        complain("%s", text == NULL ? "text in UTF-8, please" : buffer_text(&why));
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
    input_add(&input, envelope);
    int code = submit_all(cli, &input, options);
    if (code == CLI_UNREACHABLE)
        complain("the same line with --message-id %s is the same message",
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
        enum asked asked = yes ? ASKED_YES : ask_yes("Send this?");
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

/* ---- help ---- */

static void print_option(const struct verb_option *option)
{
    struct buffer usage = {0};
    buffer_printf(&usage, "--%s ", option->name);
    verb_wanted(option, &usage);
    (void)printf("  %-28s%s %s; %s\n", buffer_text(&usage), usage.size > 28 ? "\n                              " : "",
                 option->zh, option->en);
    buffer_fini(&usage);
}

bool verb_help(const struct cli *cli)
{
    struct draft draft = {.verb = cli->argc < 2 ? NULL : verb_find(cli->argv[0], cli->argv[1])};
    if (draft.verb == NULL)
        return false;
    verb_list(draft.verb, &draft.options);
    const struct verb_option *place = place_of(&draft);
    struct buffer what = {0};
    if (place != NULL)
        buffer_printf(&what, " %s", place->name);
    for (char *at = (char *)what.data; what.size > 0 && at < (char *)what.data + what.size; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    (void)printf("usage: hutong %s %s%s%s [OPTION...]\n\n%s\n%s\n\n", draft.verb->command, draft.verb->word,
                 buffer_text(&what), draft.verb->person ? " --person ID" : "", draft.verb->zh, draft.verb->en);
    for (unsigned i = 0; i < draft.options.count; i++)
        if (&draft.options.option[i] != place)
            print_option(&draft.options.option[i]);
    (void)printf("\n  --print         only print the envelope, for hutong submit\n"
                 "  --yes           do not ask\n"
                 "  --sender P      who says so, if not --as\n"
                 "  --message-id ID under this id; the same line again is the same message\n"
                 "  --timeout S, --at DAY  as of hutong submit\n");
    buffer_fini(&what);
    return true;
}

void verb_summaries(const char *command)
{
    const struct verb *verb;
    bool first = true;
    for (unsigned i = 0; (verb = verb_at(i)) != NULL; i++) {
        if (strcmp(verb->command, command) != 0)
            continue;
        if (first)
            (void)printf("\nMessages to send (each shows its envelope and asks; hutong %s VERB --help):\n", command);
        first = false;
        (void)printf("  %-20s %s; %s\n", verb->word, verb->zh, verb->en);
    }
}

static int run(struct cli *cli)
{
    int code;
    return verb_run(cli, &command_investigate, &code) ? code : cli_usage(&command_investigate);
}

const struct command command_investigate = {
    .name = "investigate",
    .usage = "investigate open SETTLEMENT | answer REQUEST | find REQUEST  [OPTION...]",
    .summary = "co-investigation of a settlement: asked for, answered, found",
    .help = "What is under way: hutong books investigations.\n\n"
            "  hutong --as 110000 investigate open 3012 --question 床位费与病程记录不符\n"
            "  hutong --as 120000 investigate find 4711 --verdict wrong-part --amount 100.00 --text 核减一百元",
    .run = run,
};
