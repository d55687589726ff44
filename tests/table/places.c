/* SPDX-License-Identifier: Apache-2.0
 * What lists of places and codes decide, under version 1 of logic and by published tables under version 2. */

#include "common/codes/rule.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define ENROLMENT (draft.event.body.enrolment)
#define PLACE (draft.event.body.institution)
#define HEBEI "130000"

static const char *const of_11[] = {"11"}, *const of_12[] = {"12"}, *const of_1303[] = {"1303"},
                         *const of_1306[] = {"1306"}, *const of_130682[] = {"130682"},
                         *const of_xiongan[] = {"1331", "130629", "130632", "130638"};
static const struct published_area areas[] = {{"110000", "110000", "北京市", "Beijing", of_11, 1, ""},
                                              {"120000", "120000", "天津市", "Tianjin", of_12, 1, ""},
                                              {"130300", HEBEI, "秦皇岛市", "Qinhuangdao", of_1303, 1, ""},
                                              {"130399", HEBEI, "秦皇岛市本级", "own office", NULL, 0, "130300"},
                                              {"130600", HEBEI, "保定市", "Baoding", of_1306, 1, ""},
                                              {"130682", HEBEI, "定州市", "Dingzhou", of_130682, 1, ""},
                                              {"133100", HEBEI, "雄安新区", "Xiong'an", of_xiongan, 4, ""}};
static const struct published_item_shape shapes[] = {
    {"", 15, 3, "服务", "service"},     {"", 16, 1, "制剂", "preparation"}, {"C", 20, 2, "耗材", "consumable"},
    {"C", 27, 2, "耗材", "consumable"}, {"T", 10, 1, "饮片", "pieces"},     {"T", 20, 1, "颗粒", "granules"},
    {"X", 23, 1, "西药", "drug"},       {"Z", 20, 1, "中成药", "patent"}};

static void publish(void *rig, const struct gazette *gazette)
{
    draft_sound(EVENT_GAZETTE);
    draft.gazette = *gazette;
    if (gazette->kind == GAZETTE_AREAS)
        draft.gazette.table.areas = (struct areas){areas, sizeof areas / sizeof areas[0]};
    if (gazette->kind == GAZETTE_ITEM_SHAPES)
        draft.gazette.table.item_shapes = (struct item_shapes){shapes, sizeof shapes / sizeof shapes[0]};
    draft.event.body.gazette = &draft.gazette;
    admit(rig);
}

static void start(struct rig *rig)
{
    rig_start(rig, 0, 1);
    gazettes_publish(publish, rig);
    draft_sound(EVENT_LOGIC_VERSION);
    draft.event.body.logic.version = 2;
    admit(rig);
}

/* The one finding of the draft; RULE_NONE: there is none. */
static void assert_only(struct rig *rig, enum rule rule, bool refused)
{
    assert_int_equal(submit(rig), OK);
    uint32_t count = rig->verdict.findings != NULL ? rig->verdict.findings->count : 0;
    assert_int_equal(count, rule == RULE_NONE ? 0 : 1);
    if (count > 0)
        assert_int_equal(rig->verdict.findings->items[0].rule, rule);
    assert_int_equal(rig->verdict.refused, refused);
}

TEST(F06_no_list_of_places_decides_on_a_person)
{
    static const char *const persons[] = {"320219198406121235", "321119198406121230", "230119198406121238",
                                          "430419198406121231", "632824198406121233", "63282519840612123X",
                                          "632826198406121236", "440401195806121235", "912840199203170045"};
    static struct rig rig;
    for (int version = 1; version <= 2; version++) {
        if (version == 1)
            rig_start(&rig, 0, 1);
        else
            start(&rig);
        for (size_t i = 0; i < sizeof persons / sizeof persons[0]; i++) {
            bool known = i == 8; /* its province, 12, is published */
            draft_sound(EVENT_ENROLMENT);
            draft.event.person_id = persons[i];
            if (version == 1)
                assert_only(&rig, RULE_PERSON_ID_INVALID, true);
            else
                assert_only(&rig, known ? RULE_NONE : RULE_DIVISION_UNKNOWN, false);
        }
        draft_sound(EVENT_ENROLMENT);
        draft.event.person_id = "320219198406121234"; /* wrong check digit */
        assert_only(&rig, RULE_PERSON_ID_INVALID, true);
        rig_stop(&rig);
    }
}

TEST(F05_shapes_of_item_codes_are_published)
{
    static const struct {
        const char *code;
        bool taken, before;
    } codes[] = {{"T000700123", true, false},
                 {"T0007HQ0012001010012", true, false},
                 {"Z123456789012345", false, false},
                 {"A123456789012345", true, false},
                 {"T00070012", false, false},
                 {"001101000010000", true, true},
                 {DRUG, true, true}};
    static struct rig rig;
    for (int version = 1; version <= 2; version++) {
        if (version == 1)
            rig_start(&rig, 0, 1);
        else
            start(&rig);
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            bool taken = version == 1 ? codes[i].before : codes[i].taken;
            draft_sound(EVENT_BILL_TRIAL);
            draft.items[0].code = codes[i].code;
            assert_only(&rig, taken ? RULE_NONE : RULE_BILL_ITEM_CODE, !taken);
        }
        rig_stop(&rig);
    }
}

/* Once the region speaks of drugs, herbal pieces are looked for among them. */
TEST(F05_herbal_pieces_are_drugs_of_the_catalogue)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_CATALOGUE_ITEM);
    draft.event.sender = TIANJIN;
    draft.event.person_id = "";
    draft.event.body.catalogue_item = (struct catalogue_item){
        .region = TIANJIN, .code = "T000700123", .name = "饮片", .level = 1, .effective_date = 20250101};
    admit(&rig);
    draft_sound(EVENT_BILL_TRIAL);
    draft.items[0].code = "T000700123";
    draft.items[1].code = "001101000010000";
    assert_only(&rig, RULE_NONE, false);
    draft.items[0].code = DRUG;
    assert_only(&rig, RULE_CATALOGUE_ITEM_UNKNOWN, true);
    rig_stop(&rig);
}

TEST(areas_are_published)
{
    static const struct {
        const char *code, *area;
        enum rule rule;
    } places[] = {
        {"H13063800001", "133100", RULE_NONE},         {"H13063800001", "130600", RULE_REFERENCE_FIELD_INVALID},
        {"H13068200001", "130682", RULE_NONE},         {"H13068100001", "130600", RULE_NONE},
        {"H13030200001", "130399", RULE_NONE},         {"H13030200001", "130300", RULE_NONE},
        {"H13019900001", "130100", RULE_AREA_UNKNOWN}, {"H13039900001", "130399", RULE_NONE}};
    static struct rig rig;
    start(&rig);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        draft_sound(EVENT_INSTITUTION);
        draft.event.sender = HEBEI;
        PLACE.code = places[i].code;
        PLACE.area = places[i].area;
        assert_only(&rig, places[i].rule, places[i].rule != RULE_NONE);
    }
    draft_sound(EVENT_ENROLMENT); /* stated by the office, asked for by the area itself */
    draft.event.sender = HEBEI;
    ENROLMENT.area = "130399";
    admit(&rig);
    draft_sound(EVENT_BILL_TRIAL);
    draft.event.body.bill.insured_area = "130300";
    admit(&rig);
    draft.event.body.bill.insured_area = "130399";
    admit(&rig);
    rig_stop(&rig);
}

TEST(category_and_type_go_together)
{
    static const struct {
        const char *type, *category;
        enum rule rule;
    } rows[] = {{"310", "1101", RULE_NONE},
                {"310", "1201", RULE_NONE},
                {"310", "1501", RULE_CATEGORY_OF_OTHER_TYPE},
                {"390", "1401", RULE_NONE},
                {"390", "1601", RULE_NONE},
                {"390", "1101", RULE_CATEGORY_OF_OTHER_TYPE},
                {"310", "1301", RULE_CATEGORY_VETERAN},
                {"390", "1301", RULE_CATEGORY_VETERAN},
                {"510", "1101", RULE_NONE},
                {"110", "1301", RULE_NONE},
                {"330", "1101", RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN},
                {"380", "1501", RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN},
                {"391", "1501", RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN},
                {"392", "1501", RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN}};
    static struct rig rig;
    for (int version = 1; version <= 2; version++) {
        if (version == 1)
            rig_start(&rig, 0, 1);
        else
            start(&rig);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            enum rule rule = version == 1 ? RULE_NONE : rows[i].rule;
            draft_sound(EVENT_ENROLMENT);
            ENROLMENT.insurance_type = rows[i].type;
            ENROLMENT.category = rows[i].category;
            assert_only(&rig, rule, rule != RULE_NONE);
        }
        rig_stop(&rig);
    }
}

TEST(credit_codes_and_stays)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_INSTITUTION);
    PLACE.credit_code = "91350100M000100Y43";
    assert_only(&rig, RULE_NONE, false);
    PLACE.credit_code = "91350100M000100Y44";
    assert_only(&rig, RULE_CREDIT_CODE, false);
    draft_sound(EVENT_ENROLMENT);
    ENROLMENT.employer_credit_code = "9135";
    assert_only(&rig, RULE_CREDIT_CODE, false);
    draft_sound(EVENT_LOCAL_CARE);
    draft.event.sender = BEIJING;
    draft.event.person_id = PERSON;
    draft.event.body.local_care = (struct local_care){.local_id = "L-1",
                                                      .insured_area = BEIJING,
                                                      .insurance_type = "310",
                                                      .discharge_date = 20250301,
                                                      .added.stays = 2};
    assert_only(&rig, RULE_LOCAL_CARE_STAYS, true);
    rig_stop(&rig);
}

AROUND_ALL(load_policy, NULL)
