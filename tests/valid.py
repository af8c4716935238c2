# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON documents against the schemas that come with the program.

A compiled schema sees in a second what jsonschema needs a minute for; jsonschema tells better
what is wrong, and is asked where something is.
"""
import json

import fastjsonschema
import jsonschema


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        self.fit = fastjsonschema.compile(schema, use_default=False)
        self.slow = jsonschema.Draft7Validator(schema)

    def refusals(self, document):
        """What is wrong with it: pairs of where and why."""
        try:
            self.fit(document)
            return []
        except fastjsonschema.JsonSchemaException as refusal:
            found = [("/".join(str(part) for part in error.absolute_path), error.message[:300])
                     for error in self.slow.iter_errors(document)]
            return found or [("", str(refusal)[:300])]
