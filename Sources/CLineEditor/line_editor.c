#define _GNU_SOURCE
#include "CLineEditor.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

// A key nobody types (a C1 control). Reading turns whatever is not a key (a paste, a signal) into this one, so that it
// is handled inside libedit's own loop, which then draws the line, in every editing mode and inside a search.
#define EVENT_KEY 0x9F
#define EVENT_KEY_NAME "\\237"
#define PASTE_BEGINS "\033[200~"
#define PASTE_ENDS "\033[201~"
#define PASTE_MARK 6
#define PASTE_LIMIT (1 << 20)
// How long the rest of an escape sequence may take. Short enough to be no delay for a vi user's Escape.
#define ESCAPE_MS 25

typedef enum { EVENT_NONE, EVENT_PASTE, EVENT_COMPOSED, EVENT_RESIZED, EVENT_INTERRUPT } event_kind;

struct line_editor {
  EditLine *el;
  History *history;
  line_editor_owner owner;
  int wake_fd;
  bool edits;

  const char *prompt;
  int prompt_width;

  char input[4096];
  size_t taken, filled;

  event_kind event;
  wchar_t composed;
  char *pasted;
  size_t pasted_count;
  // True once the line was drawn to its end and only ^C is left to print.
  bool interrupting, interrupted, shown;
};

static line_editor *of(EditLine *el) {
  line_editor *self = NULL;
  el_get(el, EL_CLIENTDATA, &self);
  return self;
}

static void write_now(const char *text) {
  fputs(text, stdout);
  fflush(stdout);
}

// ---- Reading keys

typedef enum { FILLED, WOKEN, TIMED_OUT, CLOSED } fill_result;

static fill_result fill(line_editor *self, int timeout_ms) {
  if (self->taken > 0) {
    memmove(self->input, self->input + self->taken, self->filled - self->taken);
    self->filled -= self->taken;
    self->taken = 0;
  }
  for (;;) {
    struct pollfd fds[2] = {{STDIN_FILENO, POLLIN, 0}, {self->wake_fd, POLLIN, 0}};
    int ready = poll(fds, 2, timeout_ms);
    if (ready < 0 && errno != EINTR) return CLOSED;
    if (ready < 0) continue;
    if (ready == 0) return TIMED_OUT;
    // While the rest of a sequence is awaited a signal waits too: it stays readable.
    if (fds[1].revents && timeout_ms < 0) return WOKEN;
    if (!fds[0].revents) {
      if (timeout_ms >= 0) return TIMED_OUT;
      continue;
    }
    ssize_t count = read(STDIN_FILENO, self->input + self->filled, sizeof self->input - self->filled);
    if (count > 0) {
      self->filled += (size_t)count;
      return FILLED;
    }
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return CLOSED;
  }
}

static bool starts_paste(line_editor *self) {
  for (;;) {
    size_t have = self->filled - self->taken;
    size_t compared = have < PASTE_MARK ? have : PASTE_MARK;
    if (memcmp(self->input + self->taken, PASTE_BEGINS, compared) != 0) return false;
    if (have >= PASTE_MARK) return true;
    if (fill(self, ESCAPE_MS) != FILLED) return false;
  }
}

static line_editor_signal next_signal(line_editor *self) { return self->owner.signal(self->owner.context); }

// Takes bytes up to the end mark. What exceeds the limit is dropped. False when input closed or Ctrl-C gave it up.
static bool take_paste(line_editor *self, line_editor_signal *signal) {
  self->taken += PASTE_MARK;
  free(self->pasted);
  self->pasted = malloc(PASTE_LIMIT);
  self->pasted_count = 0;
  if (!self->pasted) return false;
  for (;;) {
    char *from = self->input + self->taken;
    size_t have = self->filled - self->taken;
    char *end = memmem(from, have, PASTE_ENDS, PASTE_MARK);
    // The last bytes may be the beginning of the end mark.
    size_t count = end ? (size_t)(end - from) : have >= PASTE_MARK ? have - (PASTE_MARK - 1) : 0;
    size_t room = PASTE_LIMIT - self->pasted_count;
    memcpy(self->pasted + self->pasted_count, from, count < room ? count : room);
    self->pasted_count += count < room ? count : room;
    self->taken += count;
    if (end) {
      self->taken += PASTE_MARK;
      return true;
    }
    switch (fill(self, -1)) {
    case FILLED: break;
    case WOKEN:
      *signal = next_signal(self);
      if (*signal == LINE_EDITOR_INTERRUPT || *signal == LINE_EDITOR_END) return false;
      break;
    case TIMED_OUT:
    case CLOSED: *signal = LINE_EDITOR_END; return false;
    }
  }
}

static int event(line_editor *self, event_kind kind, wchar_t *key) {
  self->event = kind;
  *key = EVENT_KEY;
  return 1;
}

static void set_paste_mode(line_editor *self, bool on) {
  if (self->edits) write_now(on ? "\033[?2004h" : "\033[?2004l");
}

static void suspend(line_editor *self) {
  set_paste_mode(self, false);
  el_set(self->el, EL_PREP_TERM, 0);
  self->owner.suspend(self->owner.context);
  el_set(self->el, EL_PREP_TERM, 1);
  set_paste_mode(self, true);
  el_resize(self->el);
  el_set(self->el, EL_REFRESH);
}

// One signal while keys are awaited: 1 with a key, 0 to go on, -1 to end the reading.
static int take_signal(line_editor *self, line_editor_signal signal, wchar_t *key) {
  switch (signal) {
  case LINE_EDITOR_NOTHING: return 0;
  case LINE_EDITOR_RESIZED: return self->edits ? event(self, EVENT_RESIZED, key) : 0;
  case LINE_EDITOR_SUSPEND: suspend(self); return 0;
  case LINE_EDITOR_INTERRUPT:
    self->interrupted = true;
    if (self->edits) return event(self, EVENT_INTERRUPT, key);
    self->interrupting = true;
    return 0;
  case LINE_EDITOR_END: return -1;
  }
  return 0;
}

// Before this character, what stands left of the cursor; 0 at the beginning.
static wchar_t before_cursor(line_editor *self) {
  const LineInfoW *line = el_wline(self->el);
  return line->cursor > line->buffer ? line->cursor[-1] : 0;
}

// The next whole character of the input: 1, or 0 when more bytes are needed.
static int decode(line_editor *self, wchar_t *key) {
  while (self->taken < self->filled) {
    mbstate_t state = {0};
    size_t size = mbrtowc(key, self->input + self->taken, self->filled - self->taken, &state);
    if (size == (size_t)-2) return 0;
    if (size == (size_t)-1) {
      self->taken += 1;  // not UTF-8: dropped
      continue;
    }
    self->taken += size ? size : 1;
    return 1;
  }
  return 0;
}

static int next_key(EditLine *el, wchar_t *key) {
  line_editor *self = of(el);
  for (;;) {
    if (self->interrupting) {
      // Without editing the terminal itself has shown the key.
      write_now(self->edits ? "^C\n" : "\n");
      errno = EINTR;
      return -1;
    }
    if (self->edits && self->taken < self->filled && self->input[self->taken] == '\033' && starts_paste(self)) {
      line_editor_signal signal = LINE_EDITOR_NOTHING;
      if (take_paste(self, &signal)) return event(self, EVENT_PASTE, key);
      int taken = take_signal(self, signal, key);
      if (taken != 0) return taken;
      continue;
    }
    if (decode(self, key)) {
      // libedit gives a character without width a column of its own and drifts. So it is composed with the
      // character before it, or dropped.
      if (!self->edits || *key < 0x300 || wcwidth(*key) != 0) return 1;
      wchar_t before = before_cursor(self);
      self->composed = before ? (wchar_t)self->owner.compose(self->owner.context, before, *key) : 0;
      if (self->composed) return event(self, EVENT_COMPOSED, key);
      continue;
    }
    switch (fill(self, -1)) {
    case FILLED:
    case TIMED_OUT: break;
    case WOKEN: {
      int taken = take_signal(self, next_signal(self), key);
      if (taken != 0) return taken;
      break;
    }
    case CLOSED: return 0;
    }
  }
}

// ---- Acting on what was not a key

static int columns(void) {
  struct winsize size;
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void to_end(line_editor *self) {
  const LineInfoW *line = el_wline(self->el);
  el_cursor(self->el, (int)(line->lastchar - line->cursor));
}

// How many rows below the prompt's own a line reaches that is drawn up to `end`.
static int rows_below(line_editor *self, const wchar_t *end) {
  int across = columns(), column = self->prompt_width;
  for (const wchar_t *c = el_wline(self->el)->buffer; c < end; c++) {
    int width = wcwidth(*c);
    // A wide character does not begin in a row's last column.
    if (width == 2 && column % across == across - 1) column++;
    column += width > 0 ? width : 0;
  }
  return column / across;
}

// libedit forgets where it drew when the width changes. The terminal has folded the line anew, the cursor with it: go
// up to where the prompt must now begin and draw from there.
static unsigned char redraw_resized(line_editor *self) {
  int up = rows_below(self, el_wline(self->el)->cursor);
  el_resize(self->el);
  fputc('\r', stdout);
  if (up > 0) fprintf(stdout, "\033[%dA", up);
  write_now("\033[J");
  el_set(self->el, EL_REFRESH);
  return CC_NORM;
}

static unsigned char on_event(EditLine *el, int key) {
  (void)key;
  line_editor *self = of(el);
  event_kind kind = self->event;
  self->event = EVENT_NONE;
  switch (kind) {
  case EVENT_NONE: return CC_NORM;
  case EVENT_RESIZED: return redraw_resized(self);
  case EVENT_COMPOSED: {
    const wchar_t text[2] = {self->composed, 0};
    el_deletestr(el, 1);
    el_winsertstr(el, text);
    return CC_REFRESH;
  }
  case EVENT_INTERRUPT:
    to_end(self);
    self->interrupting = true;
    return CC_REFRESH;
  case EVENT_PASTE: {
    bool complete = self->owner.paste(self->owner.context, self->pasted, self->pasted_count);
    free(self->pasted);
    self->pasted = NULL;
    if (complete) el_push(el, "\n");
    return CC_REFRESH;
  }
  }
  return CC_NORM;
}

static unsigned char on_tab(EditLine *el, int key) {
  (void)key;
  line_editor *self = of(el);
  self->shown = false;
  self->owner.complete(self->owner.context);
  if (!self->shown) return CC_REFRESH;
  el_set(el, EL_REFRESH);
  return CC_NORM;
}

static char *prompt(EditLine *el) { return (char *)of(el)->prompt; }

// ---- Setting up

bool line_editor_use_utf8(void) {
  if (setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0) return true;
  return setlocale(LC_CTYPE, "C.UTF-8") != NULL;
}

int line_editor_wake_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static void bind_keys(line_editor *self) {
  EditLine *el = self->el;
  el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_set(el, EL_BIND, "^I", "baedal-complete", NULL);
  el_set(el, EL_BIND, EVENT_KEY_NAME, "baedal-event", NULL);
  const char *mode = NULL;
  if (el_get(el, EL_EDITOR, &mode) == 0 && mode && strcmp(mode, "vi") == 0) {
    el_set(el, EL_BIND, "-a", "^R", "em-inc-search-prev", NULL);
    el_set(el, EL_BIND, "-a", EVENT_KEY_NAME, "baedal-event", NULL);
  }
}

line_editor *line_editor_open(const char *program, bool edits, int history_size, int wake_fd, line_editor_owner owner) {
  line_editor *self = calloc(1, sizeof *self);
  if (!self) return NULL;
  self->owner = owner;
  self->wake_fd = wake_fd;
  self->edits = edits;
  self->prompt = "";
  self->el = el_init(program, stdin, stdout, stderr);
  self->history = history_init();
  if (!self->el || !self->history) {
    line_editor_close(self);
    return NULL;
  }
  EditLine *el = self->el;
  HistEvent ignored;
  history(self->history, &ignored, H_SETSIZE, history_size);
  el_set(el, EL_CLIENTDATA, self);
  el_set(el, EL_SIGNAL, 0);
  el_set(el, EL_HIST, history, self->history);
  el_set(el, EL_PROMPT_ESC, prompt, '\1');
  el_set(el, EL_EDITOR, "emacs");
  el_set(el, EL_ADDFN, "baedal-complete", "Complete the word before the cursor", on_tab);
  el_set(el, EL_ADDFN, "baedal-event", "Act on a paste or a signal", on_event);
  el_wset(el, EL_GETCFN, next_key);
  if (!edits) el_set(el, EL_EDITMODE, 0);
  // Shifting cells on the screen goes wrong where wide characters are: with these absent, libedit writes the rest anew.
  const char *shifts[] = {"ic", "IC", "im", "ei", "dc", "DC", "dm", "ed"};
  for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) el_set(el, EL_SETTC, shifts[i], "", NULL);
  bind_keys(self);
  return self;
}

void line_editor_close(line_editor *self) {
  if (!self) return;
  if (self->el) el_end(self->el);
  if (self->history) history_end(self->history);
  free(self->pasted);
  free(self);
}

static bool chooses_mode(int argc, const char **argv) {
  if (argc < 2) return false;
  const char *command = strrchr(argv[0], ':');
  command = command ? command + 1 : argv[0];
  return strcmp(command, "bind") == 0 && (strcmp(argv[1], "-v") == 0 || strcmp(argv[1], "-e") == 0);
}

static void source_lines(line_editor *self, FILE *file, bool modes) {
  char *line = NULL;
  size_t room = 0;
  Tokenizer *tokens = tok_init(NULL);
  while (tokens && getline(&line, &room, file) != -1) {
    const char *start = line + strspn(line, " \t");
    if (*start == '#' || *start == '\n' || *start == '\0') continue;
    int argc = 0;
    const char **argv = NULL;
    tok_reset(tokens);
    if (tok_str(tokens, start, &argc, &argv) == 0 && argc > 0 && chooses_mode(argc, argv) == modes)
      el_parse(self->el, argc, argv);
  }
  if (tokens) tok_end(tokens);
  free(line);
}

bool line_editor_source(line_editor *self, const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return false;
  source_lines(self, file, true);
  bind_keys(self);
  rewind(file);
  source_lines(self, file, false);
  fclose(file);
  return true;
}

// ---- A line

line_editor_result line_editor_read(
    line_editor *self, const char *prompt, int prompt_width, const char *start, const char **line) {
  self->prompt = prompt;
  self->prompt_width = prompt_width;
  self->event = EVENT_NONE;
  self->interrupting = self->interrupted = false;
  set_paste_mode(self, true);
  el_resize(self->el);
  if (start && *start) el_push(self->el, start);
  int count = 0;
  const char *read = el_gets(self->el, &count);
  set_paste_mode(self, false);
  self->prompt = "";
  if (self->interrupted) return LINE_EDITOR_INTERRUPTED;
  if (!read || count <= 0) return LINE_EDITOR_ENDED;
  *line = read;
  return LINE_EDITOR_LINE;
}

const char *line_editor_text(line_editor *self, size_t *cursor, size_t *count) {
  const LineInfo *line = el_line(self->el);
  *cursor = (size_t)(line->cursor - line->buffer);
  *count = (size_t)(line->lastchar - line->buffer);
  return line->buffer;
}

void line_editor_edit(line_editor *self, int move, int count, const char *text) {
  if (move != 0) el_cursor(self->el, move);
  if (count > 0) el_deletestr(self->el, count);
  if (*text) el_insertstr(self->el, text);
}

void line_editor_show(line_editor *self, const char *text) {
  // The cursor's row may not be the line's last.
  const LineInfoW *line = el_wline(self->el);
  int down = rows_below(self, line->lastchar) - rows_below(self, line->cursor);
  while (down-- > 0) fputc('\n', stdout);
  fputc('\n', stdout);
  write_now(text);
  self->shown = true;
}

void line_editor_beep(line_editor *self) { el_beep(self->el); }

void line_editor_history_add(line_editor *self, const char *line) {
  HistEvent ignored;
  history(self->history, &ignored, H_ENTER, line);
}

void line_editor_history_clear(line_editor *self) {
  HistEvent ignored;
  history(self->history, &ignored, H_CLEAR);
}
