"""Records what events TensorFlow writes for `tests/summary_program.py`. Needs TensorFlow and TensorBoard."""

from __future__ import annotations

import base64
import glob
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    import summary_program
    import tensorflow as tf
    from tensorflow.core.util import event_pb2

    logdir = tempfile.mkdtemp()
    said = summary_program.run(tf, logdir)
    events = []
    for record in tf.compat.v1.io.tf_record_iterator(glob.glob(f"{logdir}/*")[0]):
        event = event_pb2.Event.FromString(record)
        for value in event.summary.value:
            tensor = tf.make_ndarray(value.tensor)
            if value.metadata.plugin_data.plugin_name == "images":
                texts = tensor.tolist()
                tensor = [*texts[:2], *[tf.io.decode_png(text).numpy().tolist() for text in texts[2:]]]
            else:
                tensor = tensor.tolist()
            plain = json.loads(json.dumps(tensor, default=_text))
            metadata = base64.b64encode(value.metadata.SerializeToString()).decode()
            events.append([event.step, value.tag, metadata, plain])
    path = ROOT / "tests" / "recordings" / "summaries.json"
    path.write_text(json.dumps({"said": said, "events": events}, indent=0) + "\n")


def _text(value: bytes) -> str:
    return "base64:" + base64.b64encode(value).decode()


if __name__ == "__main__":
    main()
