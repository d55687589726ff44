/* SPDX-License-Identifier: Apache-2.0
 * hutong-books: the books' core under the runtime. */
#include "common/runtime/runtime.h"
#include "services/books/books_core.h"

int main(int argc, char **argv)
{
    static const struct service_row row = {
        "books", &books_core, {"submissions", "outcomes.%*"}, "books", .unhurried = true};
    return service_main(argc, argv, &row);
}
