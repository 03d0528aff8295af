"""Rows of regular expressions in RE2's syntax."""

from __future__ import annotations

from typing import Any

from optable import Row, case, row, string

TEXTS = string(["aab AB a.b xy\nb\u00e9\u03b1\u65e5K\u212a1_".encode(), b"", b"a", b"ab", b"abcd", b"c\xffa\xc3"])
PATTERNS = [
    r"\pL+", r"\p{Greek}", r"\p{Lu}", r"\PL", r"[[:word:]]+", r"\Qa.b\E", r"(?P<n>a)b", r"a{2,3}", r"a{,2}",
    r"(?U)a+", r"a+?", r"(?s).", r"(?m)^b$", r"(?i)AB", r"\x{61}", r"\141", r"\A", r"\z", r"\b", r"(a)|b", r"(?:a)",
    r"[^a]", r"\a", r"\v", r"x*", r"$", r"^", r"a||b", r"()", r"[a&&b]", r"[]a]", r"[^]a]", r"\s", r"\S", r"\w",
    r"\W", r"\d", r"\D", r"[\s]", r"(?i:A)b", r"(?-i)a", r"\_", r".", r"[[:^alpha:]]", r"\t", '\\\\', r"a|ab",
    r"(a|ab)(c|bcd)", r"\pN", r"\p{^Lu}", r"\p{Han}", r"[\p{L}]", r"é", r"[é]", r"\xe9", r"{", r"a{", r"}", r"]",
    r"(?i)é", r"(?i)k", r"[[.a.]]", r"[[=a=]]", r"(?:(a)|b)*", r"(?i)\x{c9}|[k-m]", r"a(?i)B|c", r"(?U:a+?)b*",
    r"(?ms)^.$", r"[\x{3b1}-\x{3c9}]", r"[^\pL\s]+", r"\Qab\E*", r"[-a]", r"[a-]", r"\Q", r"a{0}",
    r"\p{Cyrillic}|\p{Latin}", r"[[:punct:][:digit:]]", r"(?:a|b)??c", r"|a", r"a|", r"(|a)+", r"\07",
    r"(?im)^AB$", r"\ba", r"\d{2,}", r".{3}",
]  # fmt: skip
REFUSED = [
    r"(?<n>a)b", r"\Z", r"(?=a)", r"(?!a)", r"(a)\1", r"a++", r"a*+", r"[a-\d]", r"\h", r"\R", r"\e", r"a{1001}",
    r"a**", r"a{2}{3}", r"\u0061", r"\N{x}", r"(?#c)a", r"(?x) a", r"[[:foo:]]", r"[z-a]", r"(", r")", r"*", r"\8",
    r"(?P=n)", r"\X", r"a{3,2}", r"[", r"[a", r"(?P<n", r"(?i", 'a\\', r"\p{Foo}", r"\x4",
]  # fmt: skip
REWRITES = [r"\9", r"\x", r"\\", r"\\0", r"$1", r"\g<1>", "\\", r"\00", r"<\1\0>\n", "\n", "\u00e9"]


def everything(tf: Any, texts: Any, pattern: str) -> Any:
    replace = tf.strings.regex_replace
    return [
        replace(texts, pattern, r"<\0>"),
        replace(texts, pattern, r"[\1]"),
        replace(texts, pattern, "-", replace_global=False),
        tf.strings.regex_full_match(texts, pattern),
    ]


def rewritten(tf: Any, texts: Any, rewrite: Any, **options: Any) -> Any:
    return tf.strings.regex_replace(texts, "(a|b)", rewrite, **options)


ROWS: list[Row] = [
    row(
        "StaticRegexReplace/syntax",
        everything,
        [
            *(case(TEXTS, pattern) for pattern in PATTERNS),
            *(case(TEXTS, pattern, error=True) for pattern in REFUSED),
        ],
        also=["StaticRegexFullMatch"],
    ),
    row(
        "StaticRegexReplace/rewrite",
        rewritten,
        [case(TEXTS, text, replace_global=everywhere) for text in REWRITES for everywhere in (True, False)],
    ),
    row("RegexReplace/rewrite", rewritten, [case(TEXTS, string.of(text.encode())) for text in REWRITES]),
]
