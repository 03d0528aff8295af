"""`tf.io`: files."""

from __future__ import annotations

from ..graph.graph_def import write_graph as write_graph
from ..ops.csv import decode_csv as decode_csv
from ..ops.files import matching_files as matching_files
from ..ops.files import read_file as read_file
from ..ops.files import write_file as write_file
from ..ops.image_codecs import decode_bmp as decode_bmp
from ..ops.image_codecs import decode_gif as decode_gif
from ..ops.image_codecs import decode_image as decode_image
from ..ops.image_codecs import decode_jpeg as decode_jpeg
from ..ops.image_codecs import decode_png as decode_png
from ..ops.image_codecs import decode_webp as decode_webp
from ..ops.image_jpeg import decode_and_crop_jpeg as decode_and_crop_jpeg
from ..ops.image_jpeg import encode_jpeg as encode_jpeg
from ..ops.image_jpeg import extract_jpeg_shape as extract_jpeg_shape
from ..ops.image_jpeg import is_jpeg as is_jpeg
from ..ops.image_png import encode_png as encode_png
from ..ops.serialization import decode_compressed as decode_compressed
from ..ops.serialization import parse_tensor as parse_tensor
from ..ops.serialization import serialize_tensor as serialize_tensor
from ..ops.sparse_serialization import deserialize_many_sparse as deserialize_many_sparse
from ..ops.sparse_serialization import serialize_many_sparse as serialize_many_sparse
from ..ops.sparse_serialization import serialize_sparse as serialize_sparse
from ..ops.string_encodings import decode_base64 as decode_base64
from ..ops.string_encodings import decode_raw as decode_raw
from ..ops.string_encodings import encode_base64 as encode_base64
from . import gfile as gfile
from .features import FixedLenFeature as FixedLenFeature
from .features import FixedLenSequenceFeature as FixedLenSequenceFeature
from .features import RaggedFeature as RaggedFeature
from .features import SparseFeature as SparseFeature
from .features import VarLenFeature as VarLenFeature
from .parsing import parse_example as parse_example
from .parsing import parse_single_example as parse_single_example
from .records import TFRecordOptions as TFRecordOptions
from .records import TFRecordWriter as TFRecordWriter
from .sequences import decode_json_example as decode_json_example
from .sequences import match_filenames_once as match_filenames_once
from .sequences import parse_sequence_example as parse_sequence_example
from .sequences import parse_single_sequence_example as parse_single_sequence_example
