/* SPDX-License-Identifier: Apache-2.0
 * A witness' files. */
#include "common/witness/witness_state.h"

#include <stdio.h>
#include <unistd.h>

#include "common/observe/diary.h"
#include "common/store/kept_file.h"
#include "common/store/store_check.h"
#include "common/witness/evidence.h"

enum { KEPT_SIZE_MAX = 64 * 1024 };

enum status witness_state_open(const char *directory, struct witness_state *state, struct buffer *why)
{
    *state = (struct witness_state){.lock = -1};
    if (snprintf(state->directory, sizeof state->directory, "%s", directory) >= 3800)
        return FATAL_CONFIG;
    TRY(store_make_directory(directory, why));
    return store_lock_directory(directory, &state->lock, why);
}

void witness_state_close(struct witness_state *state)
{
    if (state->lock >= 0)
        (void)close(state->lock);
    state->lock = -1;
}

static void path_of(const struct witness_state *state, const char *origin_hash, struct buffer *path)
{
    buffer_printf(path, "%s/%s.checkpoint", state->directory, origin_hash);
}

enum status witness_state_load(void *self, const char *origin_hash, struct buffer *note)
{
    struct buffer path = {0};
    path_of(self, origin_hash, &path);
    enum status status = kept_file_read(buffer_text(&path), KEPT_SIZE_MAX, note);
    buffer_fini(&path);
    return status;
}

enum status witness_state_keep(void *self, const char *origin_hash, struct span note)
{
    struct buffer path = {0};
    path_of(self, origin_hash, &path);
    enum status status = kept_file_write(buffer_text(&path), note);
    if (status != OK)
        diary_event(DIARY_ERROR, "not_kept", "path=%s status=%s", buffer_text(&path), status_name(status));
    buffer_fini(&path);
    return status;
}

void witness_state_contradiction(void *self, const char *why, struct span kept, struct span sent)
{
    struct witness_state *state = self;
    struct buffer place = {0};
    buffer_printf(&place, "%s/evidence", state->directory);
    enum status status = evidence_keep(buffer_text(&place), why, kept, sent);
    state->contradictions++;
    if (status != REJECT_CONFLICT) /* the same pair again */
        diary_event(DIARY_ERROR, "contradiction", "detail=%s evidence=%s kept=%s", why, buffer_text(&place),
                    status_name(status));
    buffer_fini(&place);
}
