"""The scenarios, a file for each or for a few of a kind. A file that is put here is found; docs/lab.md says how to write one."""
