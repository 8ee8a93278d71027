"""`python -m eagleplan` is the `eagleplan` command."""

from eagleplan.cli import entry

if __name__ == "__main__":
    entry()
