#define _GNU_SOURCE
#include "CMemoryFile.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

static int unmap_pages(struct dl_phdr_info *image, size_t size, void *count) {
  (void)size;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < image->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &image->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
    uintptr_t start = (image->dlpi_addr + part->p_vaddr) & ~(page - 1);
    uintptr_t end = (image->dlpi_addr + part->p_vaddr + part->p_memsz + page - 1) & ~(page - 1);
    // Refused for what is no file, such as the vdso.
    if (madvise((void *)start, end - start, MADV_DONTNEED) == 0) ++*(int *)count;
  }
  return 0;
}

int baedal_unmap_program_pages(void) {
  int count = 0;
  dl_iterate_phdr(unmap_pages, &count);
  return count;
}
