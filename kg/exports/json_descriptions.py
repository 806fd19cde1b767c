"""The dataset in JSON: schema.org for search engines, a Data Package for who reads the event table.

https://schema.org/Dataset and https://specs.frictionlessdata.io/tabular-data-package/
"""

from __future__ import annotations

from typing import Any

from kg.exports.dataset import KEYWORDS, Dataset
from kg.tables.columns import COLUMNS

_TABLE = "events.csv.gz"


def schema_org(dataset: Dataset) -> dict[str, Any]:
    """The dataset as schema.org's Dataset, for the front page; no counts, so that it costs nothing."""
    settings, base = dataset.settings, dataset.settings.base_iri
    publisher: dict[str, Any] = {"@type": "Organization", "@id": dataset.publisher_iri.value, "name": dataset.publisher}
    if settings.dataset_publisher_iri:
        publisher["url"] = settings.dataset_publisher_iri
    if settings.dataset_contact:
        publisher["contactPoint"] = _contact(settings.dataset_contact)
    found: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": dataset.iri.value,
        "name": settings.dataset_title,
        "description": settings.dataset_description,
        "url": base,
        "identifier": dataset.iri.value,
        "keywords": list(KEYWORDS),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "publisher": publisher,
        "creator": publisher,
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": f"{base}catalog#catalog", "url": f"{base}catalog"},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": "SPARQL endpoint",
                "contentUrl": f"{base}sparql",
                "encodingFormat": "application/sparql-results+json",
            }
        ],
    }
    if settings.dataset_license:
        found["license"] = settings.dataset_license
    if dataset.dump:
        found |= {"version": dataset.dump.name, "dateModified": dataset.dump.date}
        found["distribution"] += [
            {
                "@type": "DataDownload",
                "name": f"{file.format}, {file.compression}",
                "contentUrl": f"{base}dumps/{file.name}",
                "encodingFormat": [file.media_type, file.package_type],
                "contentSize": f"{file.bytes} B",
                "sha256": file.sha256,
            }
            for file in dataset.dump.files
        ]
    return found


def _contact(address: str) -> dict[str, str]:
    way = {"email": address.removeprefix("mailto:")} if address.startswith("mailto:") else {"url": address}
    return {"@type": "ContactPoint", "contactType": "data", **way}


def data_package(dataset: Dataset) -> dict[str, Any] | None:
    """The newest dump's event table as a tabular Data Package; None where there is none."""
    file = dataset.dump.file(_TABLE) if dataset.dump else None
    if dataset.dump is None or file is None:
        return None
    settings = dataset.settings
    schema = {
        "fields": [{"name": c.name, "type": c.kind, "description": c.about} for c in COLUMNS],
        "missingValues": [""],
        "primaryKey": ["event", "dyad"],
    }
    found: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "diplomatic-events",
        "id": dataset.at("dumps/datapackage.json").value,
        "version": dataset.dump.name,
        "created": f"{dataset.dump.date}T00:00:00Z",
        "title": settings.dataset_title,
        "description": settings.dataset_description,
        "homepage": settings.base_iri,
        "keywords": list(KEYWORDS),
        "contributors": [{"title": dataset.publisher, "role": "publisher"}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "events",
                "title": "Events, one row for each event and pair of a source and a target",
                "path": file.name,  # beside the description, here and where both were downloaded
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "compression": "gz",
                "bytes": file.bytes,
                "hash": f"sha256:{file.sha256}",
                "schema": schema,
            }
        ],
    }
    if settings.dataset_publisher_iri:
        found["contributors"][0]["path"] = settings.dataset_publisher_iri
    if settings.dataset_license:
        found["licenses"] = [{"path": settings.dataset_license}]
    return found
