"""What runs beside the radios: in the guest, or on this machine with --host. Standard library only, few modules, because
the guest's image holds just the modules that this package loads."""
