"""What of linear algebra needs loops: matrix exponentials, and methods that only apply an operator."""
