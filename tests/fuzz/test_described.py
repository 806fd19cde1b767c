"""The service against its own OpenAPI description, with what schemathesis makes for each operation.

The description calls every parameter a text, so that no text is bad input to it; what is, ``tests.fuzz.requests`` makes.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi import checks

from tests.conftest import Served

load_all_checks()
#: Whether a status, a media type, a body, the headers and ``Allow`` are those that the description promises.
CHECKS: list[Any] = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.allow_header_conformance,
]
#: Inputs for each operation; there are about a hundred operations.
EXAMPLES = 2


def test_answers_are_as_described(service: Served) -> None:
    schema, tried = schemathesis.openapi.from_url(f"{service.url}/openapi.json"), set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def holds(case: Any) -> None:
            response = case.call(base_url=service.url)
            case.validate_response(response, checks=CHECKS)
            assert response.status_code != 500, response.text
            tried.add(case.operation.label)

        holds()
    assert len(tried) > 80
