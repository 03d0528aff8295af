"""`tf.strings`: functions of strings."""

from __future__ import annotations

from .ops.printing import format as format
from .ops.regular_expressions import regex_full_match as regex_full_match
from .ops.regular_expressions import regex_replace as regex_replace
from .ops.string_hashing import to_hash_bucket as to_hash_bucket
from .ops.string_hashing import to_hash_bucket_fast as to_hash_bucket_fast
from .ops.string_hashing import to_hash_bucket_strong as to_hash_bucket_strong
from .ops.string_ragged import bytes_split as bytes_split
from .ops.string_ragged import ngrams as ngrams
from .ops.string_ragged import split as split
from .ops.string_ragged import unicode_decode as unicode_decode
from .ops.string_ragged import unicode_decode_with_offsets as unicode_decode_with_offsets
from .ops.string_ragged import unicode_encode as unicode_encode
from .ops.string_ragged import unicode_split as unicode_split
from .ops.string_ragged import unicode_split_with_offsets as unicode_split_with_offsets
from .ops.strings import as_string as as_string
from .ops.strings import join as join
from .ops.strings import length as length
from .ops.strings import lower as lower
from .ops.strings import reduce_join as reduce_join
from .ops.strings import strip as strip
from .ops.strings import substr as substr
from .ops.strings import to_number as to_number
from .ops.strings import unsorted_segment_join as unsorted_segment_join
from .ops.strings import upper as upper
from .ops.unicode import unicode_script as unicode_script
from .ops.unicode import unicode_transcode as unicode_transcode
