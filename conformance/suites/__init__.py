"""The conformance suites: ordinary pytest modules whose tests speak to ports only and judge by requirement ids."""
