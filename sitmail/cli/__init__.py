"""The command line: the program that people and init systems start."""
