"""The verbs of ``healthcard platform app|institution|terminal|operator``: who may use the platform."""
