/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 against the examples of FIPS 180-4 and others that sha256sum gives. */
#include "base/sha256.h"
#include "cmocka_all.h"

#include <string.h>

static void expect(const void *bytes, size_t size, size_t piece, const char *expected)
{
    char text[MS_SHA256_TEXT];
    ms_sha256 sha = ms_sha256_init();
    for (size_t at = 0; at < size; at += piece)
        ms_sha256_add(&sha, (const char *)bytes + at, size - at < piece ? size - at : piece);
    ms_sha256_text(&sha, text);
    assert_string_equal(text, expected);
}

static void known_answers(void **state)
{
    (void)state;
    static char many[1000000];
    expect("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect("abc", 3, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (size_t piece = 1; piece <= 56; piece += 11)
        expect(two_blocks, 56, piece, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(many, 'a', sizeof many);
    expect(many, sizeof many, 997, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(known_answers)};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
