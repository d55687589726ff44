/* SPDX-License-Identifier: Apache-2.0
 * Which command it is comes first, since the options are its own: a first look goes by the options of all of them; then
 * getopt_long reads. */
#include "tools/command_line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "tools/cli.h"
#include "tools/verb.h"
#include "tools/verb_run.h"

enum { OPTIONS_MAX = 64, WORD_SIZE_MAX = 32 };

/* ---- what was meant ---- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* How many letters are to be put in, left out, changed, or swapped with the next. */
static unsigned distance(const char *from, const char *to)
{
    unsigned table[WORD_SIZE_MAX + 1][WORD_SIZE_MAX + 1];
    size_t rows = strlen(from), columns = strlen(to);
    if (rows > WORD_SIZE_MAX || columns > WORD_SIZE_MAX)
        return WORD_SIZE_MAX;
    for (unsigned i = 0; i <= rows; i++)
        for (unsigned j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            unsigned changed = table[i - 1][j - 1] + (from[i - 1] != to[j - 1]);
            table[i][j] = least(changed, 1 + least(table[i - 1][j], table[i][j - 1]));
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                table[i][j] = least(table[i][j], 1 + table[i - 2][j - 2]);
        }
    return table[rows][columns];
}

struct guess {
    const char *name;
    unsigned distance;
};

static void consider(struct guess *guess, const char *given, const char *name)
{
    unsigned away = strncmp(name, given, strlen(given)) == 0 ? 0 : distance(given, name);
    if (away < guess->distance && away * 3 <= strlen(name) + 1)
        *guess = (struct guess){name, away};
}

static void say_unknown_command(const struct command_entry *entries, const char *word)
{
    struct guess guess = {NULL, WORD_SIZE_MAX};
    for (const struct command_entry *each = entries; !command_entries_end(each); each++)
        if (each->command != NULL)
            consider(&guess, word, each->command->name);
    if (guess.name != NULL)
        complain(said("没有命令 %s；是否指 %s？", "there is no command %s; did you mean %s?"), word, guess.name);
    else
        complain(said("没有命令 %s；hutong help 列出全部命令", "there is no command %s; hutong help lists them"), word);
}

const struct command *command_line_find(const struct command_entry *entries, const char *name)
{
    for (const struct command_entry *each = entries; !command_entries_end(each); each++)
        if (each->command != NULL && strcmp(each->command->name, name) == 0)
            return each->command;
    say_unknown_command(entries, name);
    return NULL;
}

/* "--word" of "--word=value". */
static void name_of(const char *argument, char name[WORD_SIZE_MAX])
{
    (void)snprintf(name, WORD_SIZE_MAX, "%.*s", (int)strcspn(argument, "="), argument);
}

static void say_unknown_option(const struct arguments *arguments, const char *argument)
{
    char name[WORD_SIZE_MAX];
    struct guess guess = {NULL, WORD_SIZE_MAX};
    const struct command_option *option;
    const struct command *command = arguments->command;
    unsigned alike = 0;
    bool exact = false;
    name_of(argument, name);
    for (unsigned i = 0; (option = command_option_at(arguments->options, i)) != NULL; i++) {
        consider(&guess, name, option->name);
        alike += strncmp(option->name, name, strlen(name)) == 0;
        exact = exact || strcmp(option->name, name) == 0;
    }
    const char *of = command != NULL ? command->name : "hutong";
    if (exact || (alike == 1 && strchr(argument, '=') != NULL))
        complain(said("%s：%s 不带值", "%s: %s takes no value"), of, guess.name);
    else if (alike > 1)
        complain(said("%s：%s 可指多个选项；见 hutong help %s", "%s: %s may be one of several; see hutong help %s"), of,
                 name, command != NULL ? of : "");
    else if (guess.name != NULL)
        complain(said("%s：没有选项 %s；是否指 %s？", "%s: there is no option %s; did you mean %s?"), of, name,
                 guess.name);
    else
        complain(said("%s：没有选项 %s；见 hutong help %s", "%s: there is no option %s; see hutong help %s"), of, name,
                 command != NULL ? of : "");
}

/* ---- the first look ---- */

static bool takes_value(const struct command_option *option, const char *name)
{
    for (; option != NULL && option->name != NULL; option++)
        if (strncmp(option->name, name, strlen(name)) == 0)
            return option->value != NULL;
    return false;
}

/* By any command's table: whether the next argument belongs to this one. */
static bool has_value_behind(const struct command_entry *entries, const char *argument)
{
    if (strcmp(argument, "-c") == 0)
        return true;
    if (strncmp(argument, "--", 2) != 0 || strchr(argument, '=') != NULL)
        return false;
    bool takes = takes_value(command_shared_options, argument);
    for (const struct command_entry *each = entries; !takes && !command_entries_end(each); each++)
        takes = each->command != NULL && takes_value(each->command->options, argument);
    for (unsigned i = 0; !takes && verb_at(i) != NULL; i++)
        takes = takes_value(verb_options(verb_at(i)->command, verb_at(i)->word), argument);
    return takes;
}

/* The first word that is no option, from `at` on; argc: there is none. */
static int find_word(const struct command_entry *entries, int argc, char **argv, int at)
{
    while (at < argc && argv[at][0] == '-' && argv[at][1] != 0)
        at += has_value_behind(entries, argv[at]) ? 2 : 1;
    return at < argc ? at : argc;
}

/* The words before may want a language for what is said of them. */
static void choose_language_early(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = strncmp(argv[i], "--language=", 11) == 0             ? argv[i] + 11
                            : strcmp(argv[i], "--language") == 0 && i + 1 < argc ? argv[i + 1]
                                                                                 : NULL;
        if (value != NULL)
            (void)language_choose(value);
    }
}

/* ---- the reading ---- */

static void give(struct arguments *arguments, const char *name, const char *value)
{
    if (arguments->given_count == ARGUMENTS_GIVEN_MAX) {
        complain(said("选项过多", "too many options"));
        exit(CLI_USAGE);
    }
    arguments->given[arguments->given_count].name = name;
    arguments->given[arguments->given_count++].value = value;
}

static bool read_options(int argc, char **argv, struct arguments *arguments)
{
    static const struct {
        int letter;
        const char *name;
    } letters[] = {{'c', "--config"}, {'j', "--json"}, {'h', "--help"}, {'V', "--version"}};
    struct option options[OPTIONS_MAX + 1] = {{0}};
    const struct command_option *each;
    int found, index = 0;
    for (unsigned i = 0; (each = command_option_at(arguments->options, i)) != NULL; i++) {
        INVARIANT(i < OPTIONS_MAX);
        options[i] = (struct option){each->name + 2, each->value != NULL ? required_argument : no_argument, NULL, 0};
    }
    opterr = 0;
    optind = 0; /* from the start */
    while ((found = getopt_long(argc, argv, ":c:jhV", options, &index)) != -1) {
        if (found == 0)
            give(arguments, command_option_at(arguments->options, (unsigned)index)->name, optarg != NULL ? optarg : "");
        else if (found == ':')
            complain(said("%s 后面要有值", "%s wants a value"), argv[optind - 1]);
        else if (found == '?')
            say_unknown_option(arguments, argv[optind - 1]);
        for (unsigned i = 0; i < sizeof letters / sizeof letters[0]; i++)
            if (found == letters[i].letter)
                give(arguments, letters[i].name, optarg != NULL ? optarg : "");
        if (found == ':' || found == '?')
            return false;
    }
    arguments->argc = argc - optind;
    arguments->argv = argv + optind;
    return true;
}

bool command_line_read(const struct command_entry *entries, int argc, char **argv, struct arguments *arguments)
{
    *arguments = (struct arguments){0};
    choose_language_early(argc, argv);
    int at = find_word(entries, argc, argv, 1);
    if (at < argc) {
        arguments->command = command_line_find(entries, argv[at]);
        if (arguments->command == NULL)
            return false;
        memmove(&argv[at], &argv[at + 1], (size_t)(argc - at) * sizeof *argv); /* with the NULL at the end */
        argc--;
        int word = find_word(entries, argc, argv, at);
        const struct command_option *verbs = word < argc ? verb_options(arguments->command->name, argv[word]) : NULL;
        arguments->options = verbs != NULL ? verbs : arguments->command->options;
    }
    return read_options(argc, argv, arguments);
}
