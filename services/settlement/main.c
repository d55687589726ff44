/* SPDX-License-Identifier: Apache-2.0
 * hutong-settlement: the settlement core under the runtime. */
#include "common/runtime/runtime.h"
#include "services/settlement/settlement_core.h"

int main(int argc, char **argv)
{
    static const struct service_row row = {"settlement", &settlement_core, {"verdicts.%u"}, "outcomes.%u", false};
    return service_main(argc, argv, &row);
}
