/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "farm/display.h"

#include "base/clock.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SILENT_SECONDS 1.0
#define BAR_SECONDS    0.2
#define LINE_SECONDS   10.0  /* between lines at first, */
#define LINE_SHARE     6     /* then this part of the time gone, */
#define LINE_MOST      300.0 /* at most */
#define WIDTH          80    /* where no terminal tells */
#define WIDTH_MAX      512
#define BAR_LEAST      16 /* columns of the bar itself: parts must leave it so many */
#define PARENTS_MAX    8

static pid_t parent_of(pid_t process)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *name_end = strrchr(text, ')'); /* ") S PARENT ..." */
    return name_end && strlen(name_end) > 4 ? (pid_t)strtol(name_end + 4, NULL, 10) : 0;
}

/* Whether the process has the pipe open for reading. */
static bool reads(pid_t process, const struct stat *pipe)
{
    char path[64 + sizeof((struct dirent *)0)->d_name];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)process);
    DIR *folder = opendir(path);
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry && !found; entry = readdir(folder)) {
        struct stat other, link;
        snprintf(path, sizeof path, "/proc/%ld/fd/%s", (long)process, entry->d_name);
        /* the mode of the link tells what for */
        found = stat(path, &other) == 0 && S_ISFIFO(other.st_mode) && other.st_dev == pipe->st_dev &&
                other.st_ino == pipe->st_ino && lstat(path, &link) == 0 && (link.st_mode & S_IRUSR);
    }
    if (folder)
        closedir(folder);
    return found;
}

/* Whoever else reads the pipe may keep what comes, as a test or a workflow does. */
static bool is_launcher(pid_t process)
{
    static const char *const begins[] = {"mpirun", "mpiexec", "orte", "prte", "hydra_"};
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%ld/comm", (long)process);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool found = false, is_read = fgets(name, sizeof name, file) != NULL;
    fclose(file);
    for (size_t i = 0; is_read && i < sizeof begins / sizeof *begins; i++)
        found = found || strncmp(name, begins[i], strlen(begins[i])) == 0;
    return found;
}

/* mpirun gives its ranks a pipe, and writes what comes out of it to its own standard error. So: who of those
 * that started this process reads the pipe, and where does his standard error go? Returns a descriptor of the
 * terminal, -1 if it is none or cannot be told. */
static int terminal_behind(int descriptor)
{
    struct stat status;
    char path[64];
    if (isatty(descriptor))
        return dup(descriptor);
    if (fstat(descriptor, &status) != 0 || !S_ISFIFO(status.st_mode))
        return -1;
    pid_t process = getppid();
    for (int i = 0; i < PARENTS_MAX && process > 1; i++, process = parent_of(process)) {
        if (!reads(process, &status))
            continue;
        if (!is_launcher(process))
            return -1;
        snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)process, STDERR_FILENO);
        if (stat(path, &status) != 0)
            return -1;
        if (S_ISFIFO(status.st_mode)) /* it has been started by another launcher, or somebody keeps it */
            continue;
        int terminal =
            S_ISCHR(status.st_mode) ? open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;
        if (terminal >= 0 && !isatty(terminal)) {
            close(terminal);
            terminal = -1;
        }
        return terminal;
    }
    return -1;
}

static bool is_dumb(void)
{
    const char *kind = getenv("TERM");
    return kind && strcmp(kind, "dumb") == 0;
}

/* Draws on the launcher's terminal itself: what goes through its pipes comes in any order, and a line of
 * standard output would come into that of the bar. */
static void draw_there(ms_display *display)
{
    FILE *file = fcntl(display->terminal, F_SETFL, 0) == 0 ? fdopen(display->terminal, "w") : NULL;
    if (!file)
        return;
    signal(SIGTTOU, SIG_IGN); /* ranks are in the background, which some terminals forbid to write */
    display->file = file;
    display->is_own = true;
}

ms_display ms_display_open(FILE *file, ms_display_style style)
{
    double now = ms_clock();
    ms_display display = {.file = file, .terminal = -1, .began = now, .shown = now};
    if (style != MS_DISPLAY_LINES)
        display.terminal = terminal_behind(fileno(file));
    display.is_bar = style == MS_DISPLAY_BAR || (display.terminal >= 0 && !is_dumb());
    if (display.is_bar && display.terminal >= 0 && !isatty(fileno(file)))
        draw_there(&display);
    return display;
}

void ms_display_next(ms_display *display)
{
    if (!display)
        return;
    if (display->is_drawn)
        fputc('\n', display->file);
    fflush(display->file);
    display->is_drawn = false;
    display->began = display->shown = ms_clock();
    display->lines = 0;
}

void ms_display_close(ms_display *display)
{
    if (!display)
        return;
    ms_display_next(display);
    if (display->is_own)
        fclose(display->file);
    else if (display->terminal >= 0)
        close(display->terminal);
    display->is_own = false;
    display->file = NULL;
    display->terminal = -1;
}

bool ms_display_is_due(const ms_display *display, double now)
{
    if (!display || now - display->began < SILENT_SECONDS)
        return false;
    if (display->is_bar)
        return now - display->shown > BAR_SECONDS || !display->is_drawn;
    double pause = (now - display->began) / LINE_SHARE;
    pause = pause < LINE_SECONDS ? LINE_SECONDS : pause > LINE_MOST ? LINE_MOST : pause;
    return now - display->shown >= pause;
}

static size_t width(const ms_display *display)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    long wide = columns ? strtol(columns, NULL, 10) : WIDTH;
    if (display->terminal >= 0 && ioctl(display->terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        wide = size.ws_col;
    return wide < 1 ? WIDTH : wide > WIDTH_MAX ? WIDTH_MAX : (size_t)wide;
}

/* Characters, each of which is taken to be a column wide. */
static size_t columns_of(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

/* "[######----]  45 % PART, PART": the cursor goes back to the beginning of the line, so that what others
 * print there begins a line, too. */
void ms_display_bar(ms_display *display, double now, double share, const char *const *part, size_t parts)
{
    char bar[WIDTH_MAX];
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    /* not into the last column, after which some terminals begin a line */
    size_t room = width(display) - 1, used = strlen("[] 100 %"), shown = 0;
    for (; shown < parts && used + 2 + columns_of(part[shown]) + BAR_LEAST <= room; shown++)
        used += 2 + columns_of(part[shown]);
    size_t columns = room < used + BAR_LEAST ? 0 : room - used;
    size_t full = (size_t)(share * (double)columns);
    memset(bar, '#', full);
    memset(bar + full, '-', columns - full);
    bar[columns] = '\0';
    fputc('\r', display->file);
    if (columns > 0)
        fprintf(display->file, "[%s] ", bar);
    fprintf(display->file, "%3.0f %%", 100 * share < 99.5 || share >= 1 ? 100 * share : 99);
    for (size_t i = 0; i < shown; i++)
        fprintf(display->file, "%s%s", i == 0 ? "  " : ", ", part[i]);
    fputs("\033[K\r", display->file);
    fflush(display->file);
    display->is_drawn = true;
    display->shown = now;
    display->lines++;
}

void ms_display_line(ms_display *display, double now, const char *text)
{
    fprintf(display->file, "modeseek: %s\n", text);
    fflush(display->file);
    display->shown = now;
    display->lines++;
}

void ms_display_clear(ms_display *display)
{
    if (!display || !display->is_drawn)
        return;
    fputs("\r\033[K", display->file);
    fflush(display->file);
    display->is_drawn = false;
}
