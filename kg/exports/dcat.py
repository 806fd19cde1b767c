"""The dataset in a catalogue of one, by DCAT-AP 3. https://semiceu.github.io/DCAT-AP/releases/3.0.0/"""

from __future__ import annotations

import pyoxigraph as ox

from kg.exports.dataset import EU, KEYWORDS, SPDX, Dataset, Describer, literal
from kg.exports.dumps import DumpFile
from kg.exports.statistics import Statistics

_MEDIA = "https://www.iana.org/assignments/media-types/"
#: Names of formats in the EU's list of file types.
_FILE_TYPES = {"N-Quads": "RDF_N_QUADS", "TriG": "RDF_TRIG", "CSV": "CSV"}
_PROFILE = "http://data.europa.eu/r5r/"


def catalogue_triples(dataset: Dataset, counts: Statistics) -> list[ox.Triple]:
    """The catalogue, the dataset, its files and the services that give it."""
    told, at = Describer(), dataset.at
    catalogue, settings = at("catalog#catalog"), dataset.settings
    _controlled(told)
    told.type(dataset.publisher_iri, "foaf:Agent")
    told.add(dataset.publisher_iri, "foaf:name", dataset.publisher)
    told.type(catalogue, "dcat:Catalog")
    told.add(catalogue, "dcterms:title", f"Catalogue of: {settings.dataset_title}")
    told.add(catalogue, "dcterms:description", "The dataset of this service, and how it can be had.")
    told.add(catalogue, "dcterms:conformsTo", ox.NamedNode(_PROFILE))
    _common(told, catalogue, dataset, counts)
    told.add(catalogue, "foaf:homepage", at(""))
    told.type(at(""), "foaf:Document")
    told.add(catalogue, "dcat:themeTaxonomy", ox.NamedNode(f"{EU}data-theme"))
    told.add(catalogue, "dcat:dataset", dataset.iri)
    _dataset(told, dataset, counts)
    for file in dataset.dump.files if dataset.dump else ():
        _distribution(told, dataset, file)
    _services(told, dataset)
    return told.triples()


def _listed(told: Describer, name: str, kind: str, label: str = "") -> ox.NamedNode:
    """A term of one of the EU's lists ("language/ENG"), of the kind and with the list that the profile asks to see of it."""
    node = ox.NamedNode(EU + name)
    told.type(node, kind)
    told.add(node, "skos:prefLabel", label)
    told.add(node, "skos:inScheme", ox.NamedNode(EU + name.partition("/")[0]))
    return node


def _controlled(told: Describer) -> None:
    """What the terms of others' lists are, as the profile asks."""
    _listed(told, "language/ENG", "dcterms:LinguisticSystem")
    told.type(ox.NamedNode(f"{EU}data-theme"), "skos:ConceptScheme")
    told.add(ox.NamedNode(f"{EU}data-theme"), "dcterms:title", "Data theme")
    _listed(told, "frequency/IRREG", "dcterms:Frequency")
    _listed(told, "data-theme/INTR", "skos:Concept", "International issues")
    _listed(told, "data-theme/GOVE", "skos:Concept", "Government and public sector")
    _listed(told, "planned-availability/AVAILABLE", "skos:Concept", "available")
    _listed(told, "access-right/PUBLIC", "dcterms:RightsStatement")
    told.type(ox.NamedNode(_PROFILE), "dcterms:Standard")


def _addresses(told: Describer, node: ox.NamedNode, property_: str, *addresses: ox.NamedNode) -> None:
    """Where something is; the profile's shapes want to read of each that it is a resource."""
    told.add(node, property_, *addresses)
    for address in addresses:
        told.type(address, "rdfs:Resource")


def _license(told: Describer, node: ox.NamedNode, dataset: Dataset) -> None:
    if dataset.settings.dataset_license:
        license_ = ox.NamedNode(dataset.settings.dataset_license)
        told.type(license_, "dcterms:LicenseDocument")
        told.add(node, "dcterms:license", license_)


def _common(told: Describer, node: ox.NamedNode, dataset: Dataset, counts: Statistics) -> None:
    told.add(node, "dcterms:publisher", dataset.publisher_iri)
    told.add(node, "dcterms:language", ox.NamedNode(f"{EU}language/ENG"))
    _license(told, node, dataset)
    if counts.modified:
        told.add(node, "dcterms:modified", literal(counts.modified, "xsd:dateTime"))


def _dataset(told: Describer, dataset: Dataset, counts: Statistics) -> None:
    node, at = dataset.iri, dataset.at
    told.type(node, "dcat:Dataset")
    told.add(node, "dcterms:title", dataset.settings.dataset_title)
    told.add(node, "dcterms:description", dataset.settings.dataset_description)
    _common(told, node, dataset, counts)
    told.add(node, "dcterms:accessRights", ox.NamedNode(f"{EU}access-right/PUBLIC"))
    told.add(node, "dcterms:identifier", ox.Literal(node.value))
    told.add(node, "dcat:keyword", *KEYWORDS)
    told.add(node, "dcat:theme", ox.NamedNode(f"{EU}data-theme/INTR"), ox.NamedNode(f"{EU}data-theme/GOVE"))
    told.add(node, "dcterms:accrualPeriodicity", ox.NamedNode(f"{EU}frequency/IRREG"))
    told.add(node, "dcat:landingPage", at(""))
    told.add(node, "foaf:page", at("ontology"))
    told.type(at("ontology"), "foaf:Document")
    if dataset.settings.dataset_contact:
        contact, address = at("catalog#contact"), ox.NamedNode(dataset.settings.dataset_contact)
        told.type(contact, "vcard:Kind")
        told.add(contact, "vcard:fn", dataset.publisher)
        told.add(contact, "vcard:hasEmail" if address.value.startswith("mailto:") else "vcard:hasURL", address)
        told.add(node, "dcat:contactPoint", contact)
    if counts.first and counts.last:
        period = ox.BlankNode("period")
        told.type(period, "dcterms:PeriodOfTime")
        told.add(period, "dcat:startDate", literal(counts.first, "xsd:date"))
        told.add(period, "dcat:endDate", literal(counts.last, "xsd:date"))
        told.add(node, "dcterms:temporal", period)


def _distribution(told: Describer, dataset: Dataset, file: DumpFile) -> None:
    node, address = dataset.at(f"catalog#{file.ending}"), dataset.at(f"dumps/{file.name}")
    media, packing = (ox.NamedNode(_MEDIA + name) for name in (file.media_type, file.package_type))
    what = "The table of events" if file.rows is not None else "All quads, each with its graph"
    told.add(dataset.iri, "dcat:distribution", node)
    told.type(node, "dcat:Distribution")
    told.add(node, "dcterms:title", f"{file.format}, {file.compression}")
    told.add(node, "dcterms:description", f"{what}, as {file.format} packed with {file.compression}.")
    _addresses(told, node, "dcat:accessURL", address)
    _addresses(told, node, "dcat:downloadURL", address)
    told.add(
        node, "dcterms:format", _listed(told, f"file-type/{_FILE_TYPES[file.format]}", "dcterms:MediaTypeOrExtent")
    )
    told.add(node, "dcat:mediaType", media)
    told.add(node, "dcat:compressFormat", packing)
    told.type(media, "dcterms:MediaType")
    told.type(packing, "dcterms:MediaType")
    told.add(node, "dcat:byteSize", literal(str(file.bytes), "xsd:nonNegativeInteger"))
    told.add(node, "dcatap:availability", ox.NamedNode(f"{EU}planned-availability/AVAILABLE"))
    _license(told, node, dataset)
    if dataset.dump:
        told.add(node, "dcterms:issued", literal(dataset.dump.date, "xsd:date"))
    checksum, algorithm = (
        ox.BlankNode(f"sum-{file.ending.replace('.', '-')}"),
        ox.NamedNode(f"{SPDX}checksumAlgorithm_sha256"),
    )
    told.add(node, "spdx:checksum", checksum)
    told.type(checksum, "spdx:Checksum")
    told.type(algorithm, "spdx:ChecksumAlgorithm")
    told.add(checksum, "spdx:algorithm", algorithm)
    told.add(checksum, "spdx:checksumValue", literal(file.sha256, "xsd:hexBinary"))


def _services(told: Describer, dataset: Dataset) -> None:
    at = dataset.at
    services = [("sparql", "SPARQL endpoint", "SPARQL 1.1 queries over all graphs.", at("sparql"), "sparql11-protocol")]
    if dataset.settings.changes_page:
        services.append(("changes", "Stream of changes", "A Linked Data Event Stream of facts.", at("changes"), ""))
    for name, title, about, address, standard in services:
        node = at(f"catalog#{name}")
        told.add(at("catalog#catalog"), "dcat:service", node)
        told.type(node, "dcat:DataService")
        told.add(node, "dcterms:title", title)
        told.add(node, "dcterms:description", about)
        told.add(node, "dcterms:publisher", dataset.publisher_iri)
        told.add(node, "dcterms:accessRights", ox.NamedNode(f"{EU}access-right/PUBLIC"))
        _addresses(told, node, "dcat:endpointURL", address)
        _addresses(told, node, "dcat:endpointDescription", address, at("openapi.json"))
        told.add(node, "dcat:servesDataset", dataset.iri)
        _license(told, node, dataset)
        if standard:
            rule = ox.NamedNode(f"https://www.w3.org/TR/{standard}/")
            told.type(rule, "dcterms:Standard")
            told.add(node, "dcterms:conformsTo", rule)
