"""Tests of the access platform: applications, institutions, terminals, operators, and admission."""
