/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmocka_all.h"
#include "farm/progress.h"

#include <stdio.h>

static void a_path_cannot_steer_the_terminal(void **state)
{
    (void)state;
    char line[128] = "";
    FILE *file = tmpfile();
    assert_non_null(file);
    ms_share_progress progress = ms_share_progress_begin(file);
    progress.began -= 100;
    progress.shown -= 100;
    ms_share_progress_show(&progress, "creating", "a\x1b[2J\xC2\x9B.h5", 0.37);
    ms_share_progress_end(&progress);
    rewind(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line, "modeseek: creating a?[2J?.h5: 37 %\n");
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_path_cannot_steer_the_terminal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
