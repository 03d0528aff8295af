"""`python -m tapeflow prog.py`."""

from .cli import main

if __name__ == "__main__":
    main()
