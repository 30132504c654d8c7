// librdkafka, loaded when somebody becomes a client. It and the OpenSSL behind it would otherwise take the dynamic
// linker 4 ms of each start of a program that is a broker or a lesson most of the time, and need not be installed where
// nobody becomes a client.

#include "CKafkaClient.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

// Each function is a jump through its address: a jump passes on all arguments, whatever they are, and takes no notice of
// what comes back, so that nothing has to be said of a function but its name.
#if defined(__x86_64__)
#define JUMP(name) "  jmp *baedal_address_of_" #name "(%rip)\n"
#elif defined(__aarch64__)
// x16 is the register that the procedure call standard keeps for such jumps.
#define JUMP(name)                                            \
  "  adrp x16, baedal_address_of_" #name "\n"                 \
  "  ldr x16, [x16, :lo12:baedal_address_of_" #name "]\n"     \
  "  br x16\n"
#else
#error "A jump through an address is written here for x86_64 and aarch64. Expected: one of them, or its jump added above."
#endif

static void not_loaded(void) {
  fputs("a function of librdkafka was called before baedal_kafka_load\n", stderr);
  abort();
}

#define FUNCTION(name)                                                                \
  __attribute__((visibility("hidden"))) void *baedal_address_of_##name = not_loaded;  \
  __asm__(".text\n.globl " #name "\n.hidden " #name "\n.type " #name ", %function\n"  \
          #name ":\n" JUMP(name) ".size " #name ", . - " #name "\n");
#include "functions.h"
#undef FUNCTION

static const struct {
  const char *name;
  void **address;
} functions[] = {
#define FUNCTION(name) {#name, &baedal_address_of_##name},
#include "functions.h"
#undef FUNCTION
};
enum { COUNT = sizeof functions / sizeof *functions };

const char *baedal_kafka_load(const char *file) {
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  void *found[COUNT];
  for (int i = 0; i < COUNT; i++) {
    // What was opened stays open: to close it would be to forget what is said here.
    if (!(found[i] = dlsym(library, functions[i].name))) return dlerror();
  }
  for (int i = 0; i < COUNT; i++) *functions[i].address = found[i];
  return NULL;
}
