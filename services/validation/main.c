/* SPDX-License-Identifier: Apache-2.0
 * hutong-validation: the validation core under the runtime. */
#include "common/runtime/runtime.h"
#include "services/validation/validation_core.h"

int main(int argc, char **argv)
{
    static const struct service_row row = {"validation", &validation_core, {"submissions"}, "verdicts.%u", false};
    return service_main(argc, argv, &row);
}
