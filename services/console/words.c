/* SPDX-License-Identifier: Apache-2.0
 * Words of questions. */
#include "services/console/words.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"

enum { NAME_SIZE = 48 };

/* ---- words of a line ---- */

struct word {
    const char *text; /* within the line, brackets taken off */
    size_t size;
    bool begins, ends;    /* a part in brackets */
    char name[NAME_SIZE]; /* of its argument; "": none */
    const char *brace;    /* where that stands */
    bool each, input;
};

/* False: the line is at its end. */
static bool next_word(const char **line, struct word *word)
{
    const char *text = *line + strspn(*line, " ");
    size_t size = strcspn(text, " ");
    *word = (struct word){.text = text, .size = size};
    *line = text + size;
    if (size == 0)
        return false;
    word->begins = word->text[0] == '[';
    word->ends = word->text[size - 1] == ']';
    word->text += word->begins;
    word->size -= (size_t)word->begins + word->ends;
    word->input = word->text[0] == '<';
    word->brace = memchr(word->text, '{', word->size);
    if (word->brace != NULL) {
        const char *end = memchr(word->brace, '}', word->size - (size_t)(word->brace - word->text));
        INVARIANT(end != NULL && end - word->brace < NAME_SIZE);
        size_t name = (size_t)(end - word->brace) - 1;
        word->each = name > 3 && memcmp(end - 3, "...", 3) == 0;
        memcpy(word->name, word->brace + 1, name - (word->each ? 3 : 0));
    } else if (word->begins && word->ends && strncmp(word->text, "--", 2) == 0) {
        INVARIANT(word->size < NAME_SIZE);
        memcpy(word->name, word->text + 2, word->size - 2); /* a flag is its own argument */
    }
    return true;
}

/* ---- values ---- */

struct making {
    const struct question *question;
    const json_t *arguments;
    struct question_words *words;
    struct buffer *why;
    size_t used; /* arguments that a word has taken */
};

static bool complain(struct making *making, const char *name, const char *zh, const char *en)
{
    buffer_printf(making->why, "%s：%s / %s: %s", name, zh, name, en);
    return false;
}

static bool is_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    return true;
}

static bool add_word(struct making *making, const struct word *word, const char *value)
{
    struct question_words *words = making->words;
    size_t before = word->brace == NULL ? word->size : (size_t)(word->brace - word->text);
    if (words->count == QUESTION_WORDS_MAX)
        return complain(making, word->name, "太多", "too many");
    buffer_append(&words->text, word->text, before);
    buffer_append(&words->text, value, strlen(value) + 1);
    words->count++;
    return true;
}

static bool add_value(struct making *making, const struct word *word, const json_t *value)
{
    char number[32];
    const char *text = number;
    if (json_is_integer(value))
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value))
        text = json_string_value(value);
    else
        return complain(making, word->name, "须为文字或整数", "must be a text or a whole number");
    size_t size = json_is_string(value) ? json_string_length(value) : strlen(text);
    if (size == 0 || size > QUESTION_VALUE_SIZE_MAX || strlen(text) != size || !is_plain(text, size))
        return complain(making, word->name, "须为 1 至 500 字节，不含控制字符",
                        "must be 1 to 500 bytes, without control characters");
    if (word->brace == word->text && (text[0] == '-' || strchr(text, '/') != NULL)) /* an option, a file */
        return complain(making, word->name, "不得以 - 开头，不得有 /", "must not begin with -, nor have a /");
    return add_word(making, word, text);
}

/* A text as it is, anything else as JSON. */
static bool add_input(struct making *making, const struct word *word, const json_t *value)
{
    char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    struct buffer *input = &making->words->input;
    if (json_is_string(value))
        buffer_append(input, json_string_value(value), json_string_length(value));
    else if (text != NULL)
        buffer_append_text(input, text);
    free(text);
    return input->size <= QUESTION_INPUT_SIZE_MAX ||
           complain(making, word->name, "过长，最多 49152 字节", "longer than 49152 bytes");
}

static bool take_word(struct making *making, const struct word *word, const json_t *value)
{
    if (word->brace == NULL)
        return add_word(making, word, "");
    return word->input ? add_input(making, word, value) : add_value(making, word, value);
}

/* ---- parts ---- */

enum { PART_WORDS_MAX = 8 };

/* One word, or several in brackets, which have one argument. */
struct part {
    struct word words[PART_WORDS_MAX];
    unsigned count;
    bool optional;
    const struct word *named; /* the word that names the argument; NULL: it has none */
};

static bool next_part(const char **line, struct part *part)
{
    *part = (struct part){0};
    do {
        INVARIANT(part->count < PART_WORDS_MAX);
        struct word *word = &part->words[part->count];
        if (!next_word(line, word))
            break;
        if (word->name[0] != 0)
            part->named = word;
        part->count++;
    } while (part->words[0].begins && !part->words[part->count - 1].ends);
    part->optional = part->words[0].begins;
    INVARIANT(!part->optional || part->named != NULL);
    return part->count > 0;
}

static bool take_part(struct making *making, const struct part *part, const json_t *value)
{
    bool sound = true;
    for (unsigned i = 0; sound && i < part->count; i++)
        sound = take_word(making, &part->words[i], value);
    return sound;
}

static bool make_part(struct making *making, const struct part *part)
{
    const char *name = part->named == NULL ? NULL : part->named->name;
    const json_t *value = name == NULL ? NULL : json_object_get(making->arguments, name), *one;
    bool sound = true;
    size_t i;
    making->used += value != NULL;
    if (name != NULL && (value == NULL || json_is_null(value)))
        return part->optional || complain(making, name, "缺少此参数", "this argument is missing");
    if (name != NULL && part->named->brace == NULL) /* a flag */
        return json_is_boolean(value) ? !json_is_true(value) || take_part(making, part, NULL)
                                      : complain(making, name, "须为 true 或 false", "must be true or false");
    if (name == NULL || !part->named->each)
        return take_part(making, part, value);
    if (!json_is_array(value))
        return complain(making, name, "须为列表", "must be a list");
    json_array_foreach(value, i, one) sound = sound && take_part(making, part, one);
    return sound;
}

enum status question_make(const struct question *question, struct span arguments, struct question_words *words,
                          struct buffer *why)
{
    json_error_t error;
    json_t *object = json_loadb((const char *)arguments.data, arguments.size, JSON_REJECT_DUPLICATES, &error);
    struct making making = {question, object, words, why, 0};
    const char *line = question->line + (question_is_own(question) ? sizeof QUESTION_OWN - 1 : 0);
    struct part part;
    bool sound = json_is_object(object);
    if (!sound)
        buffer_printf(why, "内容须为一个 JSON 对象 / the content must be a JSON object: %s", error.text);
    while (sound && next_part(&line, &part))
        sound = make_part(&making, &part);
    line = "[--language {language}]"; /* which every question has: of what the command says to people */
    while (sound && next_part(&line, &part))
        sound = make_part(&making, &part);
    if (sound && making.used != json_object_size(object)) {
        buffer_printf(why, "有本问题没有的参数；可用：%s / an argument that this question does not have; it has: %s",
                      question->line, question->line);
        sound = false;
    }
    json_decref(object);
    return sound ? OK : REJECT_MALFORMED;
}

void question_words_fini(struct question_words *words)
{
    buffer_fini(&words->text);
    buffer_fini(&words->input);
    words->count = 0;
}
