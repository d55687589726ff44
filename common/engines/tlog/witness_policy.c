/* SPDX-License-Identifier: Apache-2.0
 * Policies. */
#include "common/engines/tlog/witness_policy.h"

#include "common/engines/tlog/lines.h"

static int member_named(const struct witness_policy *policy, struct span name)
{
    for (unsigned i = 0; i < policy->member_count; i++)
        if (span_equal(name, span_text(policy->members[i].name)))
            return (int)i;
    return POLICY_NONE;
}

/* What comes after a key: nothing, or where it is. */
static const char *read_url(struct span *line, char *url)
{
    struct span word;
    if (!lines_word(line, &word))
        return NULL;
    struct span scheme = word;
    if (!lines_take(&scheme, "http://") && !lines_take(&scheme, "https://"))
        return "the address begins with neither http:// nor https://";
    if (!lines_copy(word, url, POLICY_URL_SIZE_MAX + 1))
        return "the address is too long";
    return lines_word(line, &word) ? "too many words" : NULL;
}

static const char *read_log(struct witness_policy *policy, struct span line)
{
    struct span word;
    char url[POLICY_URL_SIZE_MAX + 1];
    if (policy->log_count == POLICY_LOGS_MAX)
        return "too many logs";
    if (!lines_word(&line, &word) || note_key_parse(word, &policy->logs[policy->log_count]) != OK ||
        policy->logs[policy->log_count].kind != NOTE_SIGNATURE)
        return "no key of a log";
    policy->log_count++;
    return read_url(&line, url);
}

/* A name that is not taken yet. */
static const char *begin_member(struct witness_policy *policy, struct span *line, struct policy_member **member)
{
    struct span word;
    if (policy->member_count == POLICY_MEMBERS_MAX)
        return "too many witnesses and groups";
    *member = &policy->members[policy->member_count];
    memset(*member, 0, sizeof **member);
    if (!lines_word(line, &word) || !lines_copy(word, (*member)->name, sizeof(*member)->name) ||
        span_equal(word, span_text("none")))
        return "no name";
    return member_named(policy, word) != POLICY_NONE ? "the name is taken" : NULL;
}

static const char *read_witness(struct witness_policy *policy, struct span line)
{
    struct policy_member *member;
    struct span word;
    const char *wrong = begin_member(policy, &line, &member);
    if (wrong != NULL)
        return wrong;
    if (!lines_word(&line, &word) || note_key_parse(word, &member->key) != OK || member->key.kind != NOTE_COSIGNATURE)
        return "no key of a witness";
    for (unsigned i = 0; i < policy->member_count; i++) /* one key may not count twice */
        if (!policy->members[i].is_group && policy->members[i].key.public.size == member->key.public.size &&
            memcmp(policy->members[i].key.public.bytes, member->key.public.bytes, member->key.public.size) == 0)
            return "this key is another witness' as well";
    policy->member_count++;
    return read_url(&line, member->url);
}

static const char *read_group(struct witness_policy *policy, struct span line)
{
    struct policy_member *member;
    struct span threshold, word;
    uint64_t number = 0;
    unsigned count = 0;
    const char *wrong = begin_member(policy, &line, &member);
    if (wrong != NULL)
        return wrong;
    if (!lines_word(&line, &threshold))
        return "no number of members";
    for (; lines_word(&line, &word); count++) {
        int of = member_named(policy, word);
        if (of == POLICY_NONE || (member->of & UINT32_C(1) << of) != 0)
            return "a member that does not stand above, or twice";
        member->of |= UINT32_C(1) << of;
    }
    if (span_equal(threshold, span_text("any")))
        number = 1;
    else if (span_equal(threshold, span_text("all")))
        number = count;
    else if (!lines_number(threshold, &number))
        number = 0;
    if (number == 0 || number > count)
        return "no such number of members";
    member->is_group = true;
    member->threshold = (unsigned)number;
    policy->member_count++;
    return NULL;
}

static const char *read_quorum(struct witness_policy *policy, struct span line, bool *has_quorum)
{
    struct span word, more;
    if (*has_quorum)
        return "a second quorum";
    *has_quorum = true;
    if (!lines_word(&line, &word) || lines_word(&line, &more))
        return "one name is wanted";
    policy->quorum = member_named(policy, word);
    return policy->quorum == POLICY_NONE && !span_equal(word, span_text("none")) ? "there is no such name" : NULL;
}

static const char *read_line(struct witness_policy *policy, struct span line, bool *has_quorum)
{
    struct span word;
    if (!lines_word(&line, &word) || word.data[0] == '#')
        return NULL;
    if (span_equal(word, span_text("log")))
        return read_log(policy, line);
    if (span_equal(word, span_text("witness")))
        return read_witness(policy, line);
    if (span_equal(word, span_text("group")))
        return read_group(policy, line);
    return span_equal(word, span_text("quorum")) ? read_quorum(policy, line, has_quorum)
                                                 : "neither log, witness, group nor quorum";
}

enum status witness_policy_parse(struct span text, struct witness_policy *policy, struct buffer *why)
{
    struct span line;
    unsigned number = 0;
    bool has_quorum = false;
    memset(policy, 0, sizeof *policy);
    policy->quorum = POLICY_NONE;
    while (lines_next(&text, &line)) {
        number++;
        const char *wrong = read_line(policy, line, &has_quorum);
        if (wrong == NULL)
            continue;
        buffer_printf(why, "line %u: %s", number, wrong);
        return REJECT_MALFORMED;
    }
    if (text.size > 0 || !has_quorum) {
        buffer_append_text(why, text.size > 0 ? "the last line does not end" : "no line says quorum");
        return REJECT_MALFORMED;
    }
    return OK;
}

/* Members stand above the groups that they are of: one way through is enough. */
bool witness_policy_is_met(const struct witness_policy *policy, uint32_t cosigned)
{
    uint32_t met = 0;
    for (unsigned i = 0; i < policy->member_count; i++) {
        const struct policy_member *member = &policy->members[i];
        bool is = member->is_group ? (unsigned)__builtin_popcount(met & member->of) >= member->threshold
                                   : (cosigned & UINT32_C(1) << i) != 0;
        met |= (uint32_t)is << i;
    }
    return policy->quorum == POLICY_NONE || (met & UINT32_C(1) << policy->quorum) != 0;
}

enum status witness_policy_cosigned(const struct witness_policy *policy, const struct note *note, uint32_t *cosigned)
{
    *cosigned = 0;
    for (unsigned i = 0; i < policy->member_count; i++) {
        enum status status =
            policy->members[i].is_group ? REJECT_NOT_FOUND : note_verify(note, &policy->members[i].key, NULL);
        if (status == REJECT_UNAUTHORIZED)
            return status;
        *cosigned |= (uint32_t)(status == OK) << i;
    }
    return OK;
}
