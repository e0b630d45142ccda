"""Grafana's dashboards as code: `python -m dashboards.grafana` writes them to `generated/`.

Titles are Vietnamese, for those who watch; the description of each panel says the same in English.
Needs grafana-foundation-sdk, which only the development environment has.
"""
