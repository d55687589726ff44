/* SPDX-License-Identifier: Apache-2.0
 * hutong-audit: the audit core under the runtime. */
#include "common/runtime/runtime.h"
#include "services/audit/audit_core.h"

int main(int argc, char **argv)
{
    static const struct service_row row = {"audit", &audit_core, {"submissions", "outcomes.%*"}, NULL, false};
    return service_main(argc, argv, &row);
}
