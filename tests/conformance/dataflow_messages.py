"""Run by Dataflow's client's Python: reads what a scoring launches as Dataflow's own messages, strictly; prints it."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from google.cloud import dataflow_v1beta3 as dataflow
from google.protobuf import json_format

from mlops_spec.runtime.launch import whole

told = json.load(sys.stdin)
documents = {
    "request": (
        dataflow.LaunchFlexTemplateRequest,
        whole(told, datetime.fromisoformat("2026-03-04T05:00:00+01:00"), "gs://acme-ml/templates/x.json"),
    ),
    "template": (dataflow.ContainerSpec, told["template"]),
    "metadata": (dataflow.TemplateMetadata, told["template"]["metadata"]),
}
read, invalid = {}, []
for name, (kind, document) in documents.items():
    read[name] = json_format.MessageToDict(json_format.ParseDict(document, kind.pb(kind())))
    try:
        json_format.ParseDict({**document, "unheard": 1}, kind.pb(kind()))
    except json_format.ParseError:
        invalid.append(name)
print(json.dumps({**read, "invalid": invalid}))
