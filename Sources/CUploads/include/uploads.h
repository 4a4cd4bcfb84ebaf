/// Files without a name, and files below a folder, which Swift's import of Glibc has no functions for.
#pragma once

/// A file in memory.
///
/// Returns a descriptor that programs which are started do not inherit; -1 with `errno` if there is none.
int ganrm_open_memory_file(void);

/// A file on the disk of a folder, for its owner; as `ganrm_open_memory_file`.
int ganrm_open_unlinked_file(const char *folder);

/// A regular file below a folder, for reading; no link of any kind is followed, nor a path out of the folder.
///
/// Returns a descriptor that programs which are started do not inherit; -1 if there is no such file.
int ganrm_open_beneath(const char *folder, const char *path);
