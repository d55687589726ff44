/* SPDX-License-Identifier: Apache-2.0
 * Looking up shapes of item codes. */
#include "common/engines/gazette/item_shapes.h"

#include <string.h>

#include "common/base/text.h"

/* NULL: of none. */
static const struct published_item_shape *shape_of(const struct published *published, const char *code)
{
    const struct published_item_shape *open = NULL;
    bool named = false;
    size_t size = strlen(code);
    for (uint32_t i = 0; i < published->item_shapes.row_count; i++) {
        const struct published_item_shape *shape = &published->item_shapes.rows[i];
        if (shape->first[0] == code[0] && size > 0) {
            if (shape->size == size)
                return shape;
            named = true;
        } else if (shape->first[0] == 0 && shape->size == size) {
            open = shape;
        }
    }
    return named ? NULL : open;
}

bool item_code_is_shaped(const struct published *published, const char *code)
{
    return code[text_capitals(code)] == 0 && shape_of(published, code) != NULL;
}

enum item_kind item_kind_of(const struct published *published, const char *code)
{
    const struct published_item_shape *shape = shape_of(published, code);
    return shape == NULL ? ITEM_SERVICE : (enum item_kind)(shape->kind - 1);
}
