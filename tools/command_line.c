/* SPDX-License-Identifier: Apache-2.0
 * Which command it is comes first, since the options are its own: a first look goes by the options of all of them; then
 * getopt_long reads. */
#include "tools/command_line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/guess.h"
#include "tools/cli.h"
#include "tools/verb.h"
#include "tools/verb_run.h"

enum { OPTIONS_MAX = 64, WORD_SIZE_MAX = 32 };

/* ---- what was meant ---- */

static void say_unknown_command(const struct command_entry *entries, const char *word)
{
    struct guess guess;
    guess_start(&guess, word);
    for (const struct command_entry *each = entries; !command_entries_end(each); each++)
        if (each->command != NULL)
            guess_consider(&guess, each->command->name);
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

/* ---- a command's own first word ---- */

/* The next form of a usage: forms have " | " between them, brackets aside. NULL: there are no more. */
static const char *next_form(const char *form)
{
    int depth = 0;
    for (const char *at = form; *at != 0; at++) {
        depth += (*at == '[') - (*at == ']');
        if (depth == 0 && strncmp(at, " | ", 3) == 0)
            return at + 3;
    }
    return NULL;
}

/* "advances|payments" of "advances|payments MONTH"; its size, 0: the form begins with something else. The command's
 * own name may stand before it. */
static size_t words_of(const char *form, const char *command, const char **words)
{
    size_t name = strlen(command);
    if (strncmp(form, command, name) == 0 && form[name] == ' ')
        form += name + 1;
    *words = form;
    size_t size = form[0] == '-' ? 0 : strspn(form, "abcdefghijklmnopqrstuvwxyz-|"); /* not an option */
    return form[size] == ' ' || form[size] == 0 ? size : 0;
}

/* Whether the usage's forms all begin with words of their own: then another word is a slip. */
static bool has_words(const struct command *command)
{
    const char *words;
    for (const char *form = command->usage; form != NULL; form = next_form(form))
        if (words_of(form, command->name, &words) == 0)
            return false;
    return strchr(command->usage, ' ') != NULL;
}

static void consider_words(const struct command *command, const char *given, struct guess *guess, char room[512])
{
    const char *words;
    size_t used = 0;
    for (const char *form = command->usage; form != NULL; form = next_form(form))
        for (size_t left = words_of(form, command->name, &words), size; left > 0; words += size, left -= size) {
            size = strcspn(words, "| ");
            if (size > left || used + size + 1 > 512)
                return;
            memcpy(room + used, words, size);
            room[used + size] = 0;
            if (size > 0 && strcmp(room + used, given) == 0)
                *guess = (struct guess){given, room + used, 0};
            else if (size > 0)
                guess_consider(guess, room + used);
            used += size + 1;
            size += size < left;
        }
}

/* False: it is none of the command's words; said which was meant. */
static bool knows_word(const struct command *command, const char *word)
{
    struct guess guess;
    const struct verb *verb;
    char room[512];
    if (!has_words(command) || verb_find(command->name, word) != NULL)
        return true;
    guess_start(&guess, word);
    consider_words(command, word, &guess, room);
    if (guess.name != NULL && strcmp(guess.name, word) == 0)
        return true;
    for (unsigned i = 0; (verb = verb_at(i)) != NULL; i++)
        if (strcmp(verb->command, command->name) == 0)
            guess_consider(&guess, verb->word);
    if (guess.name != NULL)
        complain(said("%s：没有 %s；是否指 %s？", "%s: there is no %s; did you mean %s?"), command->name, word,
                 guess.name);
    else
        (void)cli_usage(command);
    return false;
}

/* "--word" of "--word=value". */
static void name_of(const char *argument, char name[WORD_SIZE_MAX])
{
    (void)snprintf(name, WORD_SIZE_MAX, "%.*s", (int)strcspn(argument, "="), argument);
}

static void say_unknown_option(const struct arguments *arguments, const char *argument)
{
    char name[WORD_SIZE_MAX];
    struct guess guess;
    const struct command_option *option;
    const struct command *command = arguments->command;
    unsigned alike = 0;
    bool exact = false;
    name_of(argument, name);
    guess_start(&guess, name);
    for (unsigned i = 0; (option = command_option_at(arguments->options, i)) != NULL; i++) {
        guess_consider(&guess, option->name);
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
    return read_options(argc, argv, arguments) &&
           (arguments->command == NULL || arguments->argc == 0 || arguments_value(arguments, "--help") != NULL ||
            knows_word(arguments->command, arguments->argv[0]));
}
