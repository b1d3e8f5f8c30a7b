"""The series of the lab's kernels. The first is that of whoever names none."""

SERIES = ("6.12", "6.1")
