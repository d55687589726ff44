/* SPDX-License-Identifier: Apache-2.0
 * Dead letters as the services hold them. */
#include "tools/dead_letters.h"

#include <stdio.h>

#include "tools/letter.h"

enum { PAGE = 100, ANSWER_MS = 5000 };

/* The services whose letters can be listed: those that are a core under the runtime. */
static const char *const services[] = {
#define DAEMON(...)
#define SERVICE(name, ...) #name,
#include "common/config/service.def"
};
enum { SERVICES_COUNT = sizeof services / sizeof services[0] };

/* Letters of one service's partition from a position on, as JSON; the record stays base64. */
static json_t *ask_letters(struct cli *cli, const char *service, uint32_t partition, uint64_t from, uint32_t count)
{
    struct control_request request = {1, CONTROL_ASK_DEAD_LIST, {.dead_list = {from, count}}};
    json_t *list = cli_member(cli_control(cli, service, partition, &request, ANSWER_MS), "deadList");
    json_t *letters = json_object_get(list, "letters");
    letters = list != NULL && letters == NULL ? json_array() : json_incref(letters);
    json_decref(list);
    return letters;
}

/* Settlement's records are verdicts, and letters beyond the room for them have their bytes in the log alone. */
static void read_submission(struct log_reader *log, struct letter *letter)
{
    struct span bytes;
    if (strcmp(letter->service, "validation") != 0)
        buffer_reset(&letter->record);
    if (letter->record.size == 0 && log_reader_at(log, letter->position, &bytes))
        buffer_append(&letter->record, bytes.data, bytes.size);
    if (submission_decode(buffer_span(&letter->record), NULL, &letter->submission) != OK)
        letter->submission = (struct submission){0};
    buffer_reset(&letter->cause);
    letter_cause(letter_at_first(letter->submission.envelope), &letter->cause);
}

static void read_letter(struct letter *letter, const json_t *from, struct log_reader *log)
{
    letter->position = (uint64_t)cli_integer(from, "position");
    (void)snprintf(letter->reason, sizeof letter->reason, "%s", cli_text(from, "reason"));
    buffer_reset(&letter->record);
    cli_base64(cli_text(from, "record"), &letter->record);
    letter->kept = letter->record.size;
    read_submission(log, letter);
}

void letter_fini(struct letter *letter)
{
    buffer_fini(&letter->record);
    buffer_fini(&letter->cause);
}

/* Of one service's partition; what everybody's partition buried stands in each, and is told of the first. */
static bool walk_one(struct cli *cli, struct letter *letter, struct log_reader *log, bool *going, letter_each *each,
                     void *self)
{
    for (uint64_t from = 0; *going;) {
        json_t *letters = ask_letters(cli, letter->service, letter->partition, from, PAGE), *read;
        size_t index, count = json_array_size(letters); /* a page is as long as a frame allows */
        if (letters == NULL) {
            complain(said("%s-%u 没有应答", "%s-%u does not answer"), letter->service, letter->partition);
            return false;
        }
        json_array_foreach(letters, index, read)
        {
            read_letter(letter, read, log);
            from = letter->position + 1;
            if (*going && (letter->partition == 0 || letter->submission.person_hash != 0))
                *going = each(self, letter);
        }
        json_decref(letters);
        if (count == 0)
            return true;
    }
    return true;
}

bool letters_walk(struct cli *cli, struct log_reader *log, letter_each *each, void *self)
{
    struct letter letter = {0};
    bool answered = true, going = true;
    for (unsigned i = 0; answered && i < SERVICES_COUNT; i++) {
        letter.service = services[i];
        uint32_t count = service_processes(service_named(services[i]), cli->config.partitions);
        for (letter.partition = 0; answered && letter.partition < count; letter.partition++)
            answered = walk_one(cli, &letter, log, &going, each, self);
    }
    letter_fini(&letter);
    return answered;
}

/* The letter at a position of this service, or of the first that has one (NULL). Else: said why. */
int letter_find(struct cli *cli, const char *service, uint64_t position, struct log_reader *log, struct letter *letter)
{
    for (unsigned i = 0; i < SERVICES_COUNT; i++) {
        uint32_t count = service_processes(service_named(services[i]), cli->config.partitions);
        if (service != NULL && strcmp(service, services[i]) != 0)
            continue;
        letter->service = services[i];
        for (letter->partition = 0; letter->partition < count; letter->partition++) {
            json_t *letters = ask_letters(cli, services[i], letter->partition, position, 1);
            json_t *first = json_array_get(letters, 0);
            bool found = first != NULL && (uint64_t)cli_integer(first, "position") == position;
            if (letters == NULL)
                complain(said("%s-%u 没有应答", "%s-%u does not answer"), services[i], letter->partition);
            if (found)
                read_letter(letter, first, log);
            bool answered = letters != NULL;
            json_decref(letters);
            if (found || !answered)
                return found ? CLI_OK : CLI_UNREACHABLE;
        }
    }
    complain(said("位置 %llu 没有死信", "no dead letter at %llu"), (unsigned long long)position);
    return CLI_DIFFERENT;
}
