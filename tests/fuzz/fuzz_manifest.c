/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a backup's manifest: what is taken is written and read again as the same, and leads nowhere else. */
#include <string.h>

#include "common/base/check.h"
#include "tools/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct manifest manifest, again;
    struct buffer why = {0}, text = {0};
    if (manifest_read(span_of(data, size), &manifest, &why) == OK) {
        for (unsigned i = 0; i < manifest.file_count; i++)
            INVARIANT(manifest.files[i].path[0] != '/' && strstr(manifest.files[i].path, "/..") == NULL);
        manifest_write(&manifest, &text);
        INVARIANT(manifest_read(buffer_span(&text), &again, &why) == OK);
        INVARIANT(again.file_count == manifest.file_count && again.position == manifest.position);
        manifest_fini(&manifest);
        manifest_fini(&again);
    }
    buffer_fini(&why);
    buffer_fini(&text);
    return 0;
}
