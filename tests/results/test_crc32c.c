/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"
#include "results/crc32c.h"

static void test_known_values(void **state)
{
    (void)state;
    unsigned char ramp[32], zeros[32] = {0};
    for (unsigned i = 0; i < 32; i++)
        ramp[i] = (unsigned char)i;
    assert_int_equal(ms_crc32c(0, "", 0), 0);
    assert_int_equal(ms_crc32c(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(ms_crc32c(0, zeros, 32), 0x8A9136AAu); /* RFC 3720, B.4 */
    assert_int_equal(ms_crc32c(0, ramp, 32), 0x46DD794Eu);  /* RFC 3720, B.4 */
}

static void test_all_bytes_bit_by_bit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        unsigned char byte = (unsigned char)i;
        uint32_t expected = ~0u ^ i;
        for (int bit = 0; bit < 8; bit++)
            expected = (expected >> 1) ^ (expected & 1 ? 0x82F63B78u : 0);
        assert_int_equal(ms_crc32c(0, &byte, 1), ~expected);
    }
}

static void test_continues(void **state)
{
    (void)state;
    assert_int_equal(ms_crc32c(ms_crc32c(0, "1234", 4), "56789", 5), 0xE3069283u);
}

static void test_words_are_little_endian_bytes(void **state)
{
    (void)state;
    const uint64_t words[2] = {UINT64_C(0x3837363534333231), 9};
    const unsigned char bytes[16] = {'1', '2', '3', '4', '5', '6', '7', '8', 9};
    assert_int_equal(ms_crc32c_words(0, words, 2), ms_crc32c(0, bytes, 16));
}

/* The processor's instruction and the table, on all lengths and places that their loops tell apart. */
static void test_instruction_and_table_agree(void **state)
{
    (void)state;
    unsigned char bytes[100];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 37 + 11);
    for (size_t first = 0; first < 9; first++)
        for (size_t size = 0; size + first <= sizeof bytes; size++)
            assert_int_equal(ms_crc32c(7, bytes + first, size), ms_crc32c_portable(7, bytes + first, size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_all_bytes_bit_by_bit),
        cmocka_unit_test(test_continues),
        cmocka_unit_test(test_instruction_and_table_agree),
        cmocka_unit_test(test_words_are_little_endian_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
