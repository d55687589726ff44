/* SPDX-License-Identifier: Apache-2.0
 * Asking witnesses, by libcurl. */
#include "services/audit/witnesses.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/tlog/lines.h"
#include "common/observe/diary.h"

enum { ANSWER_MS_MAX = 2000, ROUNDS_MAX = 2 };

struct witnesses {
    const struct witness_policy *policy;
    const struct note_key *log;
    struct digest *digest;
    CURL *curl;
    uint64_t seen[POLICY_MEMBERS_MAX]; /* the size that each has, as far as we know */
    bool away[POLICY_MEMBERS_MAX];
    char origin_hash[2 * DIGEST_SIZE + 1];
};

struct witnesses *witnesses_new(const struct witness_policy *policy, const struct note_key *log)
{
    uint8_t hash[DIGEST_SIZE];
    struct witnesses *witnesses = calloc(1, sizeof *witnesses);
    INVARIANT(witnesses != NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    witnesses->policy = policy;
    witnesses->log = log;
    witnesses->digest = digest_new();
    witnesses->curl = curl_easy_init();
    INVARIANT(witnesses->curl != NULL);
    digest_once(witnesses->digest, span_text(log->name), hash);
    digest_hex(hash, sizeof hash, witnesses->origin_hash);
    return witnesses;
}

void witnesses_destroy(struct witnesses **witnesses)
{
    if (*witnesses == NULL)
        return;
    curl_easy_cleanup((*witnesses)->curl);
    digest_destroy(&(*witnesses)->digest);
    free(*witnesses);
    *witnesses = NULL;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *self)
{
    struct buffer *answer = self;
    if (size * count > NOTE_SIZE_MAX - answer->size)
        return 0;
    buffer_append(answer, bytes, size * count);
    return size * count;
}

/* The HTTP code; 0: no answer. `body`: of a POST; NULL: a GET. */
static long ask(struct witnesses *witnesses, const char *url, const struct buffer *body, struct buffer *answer)
{
    CURL *curl = witnesses->curl;
    long code = 0;
    buffer_reset(answer);
    curl_easy_reset(curl); /* the connection is kept */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS_MAX);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
    }
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    return code;
}

static enum status put_request(struct witnesses *witnesses, const struct tlog_source *tiles, uint64_t old,
                               uint64_t size, const struct buffer *note, struct buffer *body)
{
    struct merkle_hash path[MERKLE_PATH_MAX];
    unsigned count;
    TRY(tlog_consistency(tiles, witnesses->digest, old, size, path, &count));
    buffer_reset(body);
    buffer_printf(body, "old %llu\n", (unsigned long long)old);
    for (unsigned i = 0; i < count; i++)
        lines_put_hash(body, &path[i]);
    buffer_append_text(body, "\n");
    buffer_append(body, note->data, note->size);
    return OK;
}

/* Of what it answered, the line that makes the note one that this witness has cosigned, and no other. */
static bool take_cosignature(const struct note_key *key, struct span answer, struct buffer *note)
{
    struct note read;
    struct span line;
    size_t before = note->size;
    while (lines_next(&answer, &line)) {
        buffer_append(note, line.data, line.size + 1);
        if (note_parse(buffer_span(note), &read) == OK && note_verify(&read, key, NULL) == OK)
            return true;
        note->size = before;
    }
    return false;
}

/* A larger size, or another root, than this tree has: only by a checkpoint that our own key has signed. */
static bool contradicts(struct witnesses *witnesses, const struct tlog_source *tiles,
                        const struct checkpoint *checkpoint, const char *url, struct buffer *theirs)
{
    struct buffer where = {0};
    struct note note;
    struct checkpoint read;
    struct merkle_hash root;
    buffer_printf(&where, "%s/%s/checkpoint", url, witnesses->origin_hash);
    long code = ask(witnesses, buffer_text(&where), NULL, theirs);
    buffer_fini(&where);
    if (code != 200 || checkpoint_open(buffer_span(theirs), witnesses->log, &note, &read) != OK)
        return false;
    if (read.size > checkpoint->size)
        return true;
    return tlog_root(tiles, witnesses->digest, read.size, &root) == OK && memcmp(&root, &read.root, sizeof root) != 0;
}

/* One witness: OK, it has cosigned; RETRY_DISCONNECTED: no; FATAL_CONTRADICTED. */
static enum status ask_one(struct witnesses *witnesses, unsigned which, const struct tlog_source *tiles,
                           const struct checkpoint *checkpoint, struct buffer *note, struct buffer *theirs)
{
    const struct policy_member *member = &witnesses->policy->members[which];
    struct buffer url = {0}, body = {0}, answer = {0};
    enum status status = RETRY_DISCONNECTED;
    long code = 0;
    buffer_printf(&url, "%s/add-checkpoint", member->url);
    for (unsigned round = 0; round < ROUNDS_MAX && status == RETRY_DISCONNECTED; round++) {
        if (put_request(witnesses, tiles, witnesses->seen[which], checkpoint->size, note, &body) != OK)
            break;
        code = ask(witnesses, buffer_text(&url), &body, &answer);
        if (code == 200 && take_cosignature(&member->key, buffer_span(&answer), note))
            status = OK;
        if (code != 409 && code != 422)
            break;
        uint64_t size;
        struct span rest = buffer_span(&answer), line;
        if (contradicts(witnesses, tiles, checkpoint, member->url, theirs))
            status = FATAL_CONTRADICTED;
        else if (code == 409 && lines_next(&rest, &line) && lines_number(line, &size) && size <= checkpoint->size)
            witnesses->seen[which] = size;
        else
            break;
    }
    if (status == OK)
        witnesses->seen[which] = checkpoint->size;
    if (status != OK && !witnesses->away[which]) /* once, not each second */
        diary_event(DIARY_WARN, "not_cosigned", "witness=%s size=%llu code=%ld", member->name,
                    (unsigned long long)checkpoint->size, code);
    witnesses->away[which] = status != OK;
    buffer_fini(&url);
    buffer_fini(&body);
    buffer_fini(&answer);
    return status;
}

enum status witnesses_ask(struct witnesses *witnesses, const struct tlog_source *tiles,
                          const struct checkpoint *checkpoint, struct buffer *note, uint32_t *cosigned,
                          struct buffer *theirs)
{
    struct note read;
    TRY(note_parse(buffer_span(note), &read));
    TRY(witness_policy_cosigned(witnesses->policy, &read, cosigned));
    for (unsigned i = 0; i < witnesses->policy->member_count; i++) {
        const struct policy_member *member = &witnesses->policy->members[i];
        if (member->is_group || member->url[0] == 0 || (*cosigned & UINT32_C(1) << i) != 0)
            continue;
        enum status status = ask_one(witnesses, i, tiles, checkpoint, note, theirs);
        if (status == FATAL_CONTRADICTED)
            return status;
        *cosigned |= (uint32_t)(status == OK) << i;
    }
    return OK;
}
