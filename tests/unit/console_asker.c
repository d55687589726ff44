/* SPDX-License-Identifier: Apache-2.0
 * One asker for everybody: commands that are shell scripts here, which say how often they ran. */
#include "services/console/asker.h"
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "services/console/links.h"
#include "services/console/users_file.h"

enum { ANSWERS_MAX = 600 };

static struct {
    struct loop *loop;
    struct asker *asker;
    char directory[64], program[80], runs[80];
    unsigned answered, kept;
    enum console_refusal refusals[ANSWERS_MAX];
    char bodies[8][2048];
} rig;

static void take(void *self, const struct asker_answer *answer)
{
    (void)self;
    rig.answered++;
    rig.kept += answer->cached;
    rig.refusals[answer->id] = answer->refusal;
    if (answer->id < 8)
        (void)snprintf(rig.bodies[answer->id], sizeof rig.bodies[0], "%.*s", (int)answer->body.size,
                       (const char *)answer->body.data);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* What the program does; each run adds a line to `runs`. */
static void program(const char *body)
{
    char text[1024];
    (void)snprintf(text, sizeof text, "#!/bin/sh\necho \"$@\" >>%s\n%s\n", rig.runs, body);
    write_file(rig.program, text);
    assert_int_equal(chmod(rig.program, 0755), 0);
}

static unsigned runs(void)
{
    unsigned count = 0;
    FILE *file = fopen(rig.runs, "r");
    for (int c; file != NULL && (c = fgetc(file)) != EOF;)
        count += c == '\n';
    if (file != NULL)
        (void)fclose(file);
    return count;
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    (void)snprintf(rig.directory, sizeof rig.directory, "/tmp/hutong-console-XXXXXX");
    assert_non_null(mkdtemp(rig.directory));
    (void)snprintf(rig.program, sizeof rig.program, "%s/hutong", rig.directory);
    (void)snprintf(rig.runs, sizeof rig.runs, "%s/runs", rig.directory);
    rig.loop = loop_new();
    rig.asker = asker_new(&(struct asker_options){rig.loop, rig.program, "hutong.yaml", take, NULL});
    return 0;
}

static int tear_down(void **state)
{
    char command[100];
    (void)state;
    asker_destroy(&rig.asker);
    loop_destroy(&rig.loop);
    (void)snprintf(command, sizeof command, "rm -rf %s", rig.directory);
    return system(command);
}

AROUND_EACH(set_up, tear_down)

static void ask(uint64_t id, const char *name, const char *arguments)
{
    asker_ask(rig.asker, id, question_named(name), &(struct asker_user){"li.wei", "110000"}, span_text(arguments));
}

static void wait_for(unsigned answers)
{
    int64_t until = loop_monotonic_us() + 30 * 1000000;
    while (rig.answered < answers && loop_monotonic_us() < until)
        loop_turn(rig.loop, 100);
    assert_int_equal(rig.answered, answers);
}

TEST(the_same_question_runs_once_for_all_who_wait_and_who_come_soon_after)
{
    program("echo '{\"a\":1}'; echo plain; echo trouble >&2; exit 3");
    for (uint64_t id = 0; id < 100; id++)
        ask(id, "clearing-show", "{\"month\":\"2025-03\"}");
    wait_for(100);
    ask(100, "clearing-show", "{ \"month\" : \"2025-03\" }");
    ask(101, "clearing-show", "{\"month\":\"2025-04\"}");
    wait_for(102);
    assert_int_equal(runs(), 2);
    assert_int_equal(rig.kept, 100);
    assert_non_null(strstr(rig.bodies[0], "\"code\":3,\"cut\":false,\"late\":false,\"rows\":[{\"a\":1},\"plain\"],"
                                          "\"said\":\"trouble\\n\"}"));
}

TEST(an_action_is_never_shared_and_says_who)
{
    program("exit 0");
    ask(0, "dead-requeue", "{\"position\":7,\"reason\":\"again\"}");
    ask(1, "dead-requeue", "{\"position\":7,\"reason\":\"again\"}");
    wait_for(2);
    assert_int_equal(runs(), 2);
    char line[200] = "";
    FILE *file = fopen(rig.runs, "r");
    assert_non_null(fgets(line, sizeof line, file));
    (void)fclose(file);
    assert_string_equal(line, "--json --config hutong.yaml --by li.wei dead requeue 7 --reason=again\n");
}

TEST(nobody_is_told_what_was_before_somebody_acted)
{
    program("exit 0");
    ask(0, "clearing-show", "{\"month\":\"2025-03\"}");
    wait_for(1);
    ask(1, "dead-requeue", "{\"position\":7,\"reason\":\"again\"}");
    wait_for(2);
    ask(2, "clearing-show", "{\"month\":\"2025-03\"}");
    ask(3, "clearing-show", "{\"month\":\"2025-03\"}");
    wait_for(4);
    assert_int_equal(runs(), 3);
    assert_int_equal(rig.kept, 1);
}

TEST(what_says_too_much_is_cut_at_a_line_and_ended)
{
    program("while :; do echo '{\"row\":\"0123456789012345678901234567890123456789\"}'; done");
    ask(0, "status", "{}");
    wait_for(1);
    assert_int_equal(rig.refusals[0], REFUSAL_NONE);
    assert_non_null(strstr(rig.bodies[0], "\"cut\":true"));
}

TEST(two_commands_run_at_a_time)
{
    program("a=$(ls $0.run* 2>/dev/null | wc -l); touch $0.run$$; sleep 0.2; rm $0.run$$; echo $a");
    for (uint64_t id = 0; id < 6; id++) {
        char arguments[40];
        (void)snprintf(arguments, sizeof arguments, "{\"position\":%u}", (unsigned)id);
        ask(id, "dead-show", arguments);
    }
    wait_for(6);
    for (unsigned id = 0; id < 6; id++)
        assert_true(strstr(rig.bodies[id], "\"rows\":[0]") != NULL || strstr(rig.bodies[id], "\"rows\":[1]") != NULL);
}

TEST(a_command_that_takes_long_leaves_room_for_the_others)
{
    program("case \"$*\" in *scrub*|*digest*) sleep 1;; esac; echo 1");
    ask(0, "scrub", "{}");
    ask(1, "digest", "{}");
    ask(2, "status", "{}");
    wait_for(1);
    assert_string_not_equal(rig.bodies[2], "");
    wait_for(3);
}

TEST(too_many_questions_are_refused_and_bad_arguments_said)
{
    program("sleep 0.01");
    ask(500, "dead-show", "{}");
    assert_int_equal(rig.refusals[500], REFUSAL_BAD_ARGUMENT);
    for (unsigned id = 0; id < ASKS_COUNT_MAX + 1; id++) {
        char arguments[40];
        (void)snprintf(arguments, sizeof arguments, "{\"position\":%u}", id);
        ask(id, "dead-show", arguments);
    }
    assert_int_equal(rig.refusals[ASKS_COUNT_MAX], REFUSAL_BUSY);
    wait_for(ASKS_COUNT_MAX + 2);
}

TEST(a_program_that_is_not_there_is_said)
{
    ask(0, "status", "{}");
    wait_for(1);
    assert_non_null(strstr(rig.bodies[0], "\"code\":127"));
}

/* ---- links and users ---- */

TEST(a_link_is_used_once_within_its_time)
{
    char token[LINK_TOKEN_SIZE + 1], user[USER_NAME_SIZE];
    struct buffer why = {0};
    assert_int_equal(link_make(rig.directory, "li.wei", 1000, token, &why), FATAL_IO); /* no console was ever here */
    assert_int_equal(links_prepare(rig.directory, 1000, &why), OK);
    assert_int_equal(link_make(rig.directory, "li.wei", 1000, token, &why), OK);
    assert_int_equal(link_take(rig.directory, token, 2000, user), OK);
    assert_string_equal(user, "li.wei");
    assert_int_equal(link_take(rig.directory, token, 2000, user), REJECT_NOT_FOUND);
    assert_int_equal(link_make(rig.directory, "li.wei", 1000, token, &why), OK);
    assert_int_equal(link_take(rig.directory, token, 1000 + LINK_LIFE_MS, user), REJECT_NOT_FOUND);
    assert_int_equal(link_take(rig.directory, "../../etc/passwd", 1000, user), REJECT_NOT_FOUND);
    char place[100];
    (void)snprintf(place, sizeof place, "%s/console", rig.directory);
    assert_int_equal(chmod(place, 0777), 0);
    assert_int_equal(links_prepare(rig.directory, 1000, &why), FATAL_IO);
    buffer_fini(&why);
}

static enum status users_of(const char *text, struct console_users *users, struct buffer *why)
{
    char path[100];
    (void)snprintf(path, sizeof path, "%s/users.yaml", rig.directory);
    write_file(path, text);
    buffer_reset(why);
    return users_read(path, users, why);
}

TEST(the_file_of_users_is_read_or_its_fault_said)
{
    static struct console_users users;
    struct buffer why = {0};
    assert_int_equal(
        users_of("users:\n  - name: li.wei\n    roles: [operator, auditor]\n    certificate: \"CN=Li Wei\"\n"
                 "  - name: zhao\n    roles: [clearing]\n",
                 &users, &why),
        OK);
    assert_int_equal(users.count, 2);
    assert_int_equal(users_named(&users, "li.wei")->roles,
                     ROLE_VIEWER | 1 << ROLE_NUMBER_OPERATOR | 1 << ROLE_NUMBER_AUDITOR);
    assert_ptr_equal(users_certified(&users, "CN=Li Wei"), users_named(&users, "li.wei"));
    assert_null(users_certified(&users, ""));
    static const char *const faulty[] = {"users:\n  - name: a b\n    roles: [viewer]\n",
                                         "users:\n  - name: a\n    roles: [root]\n",
                                         "users:\n  - name: a\n",
                                         "users:\n  - name: a\n    roles: []\n",
                                         "users:\n  - name: a\n    roles: [viewer]\n  - name: a\n    roles: [viewer]\n",
                                         "users:\n  - roles: [viewer]\n",
                                         "people: []\n",
                                         "",
                                         "users: 1\n"};
    for (unsigned i = 0; i < sizeof faulty / sizeof faulty[0]; i++) {
        assert_int_not_equal(users_of(faulty[i], &users, &why), OK);
        assert_int_equal(users.count, 0);
        assert_true(why.size > 0);
    }
    buffer_fini(&why);
}
